// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ZeroPageTest {
    @ParameterizedTest
    @ValueSource(ints = {64, 4096, 65536})
    void seesEveryByteOfThePageAndNoneBesideIt(int pageBytes) {
        ZeroPage zero = new ZeroPage(pageBytes);
        ByteBuffer pages = ByteBuffer.allocateDirect(3 * pageBytes).position(5).limit(7);
        ByteBuffer bytes = pages.duplicate().clear();
        bytes.put(pageBytes - 1, (byte) 1).put(2 * pageBytes, (byte) 1);
        assertThat(zero.isAt(pages, pageBytes)).isTrue();
        assertThat(zero.isAt(pages, 0)).isFalse();
        assertThat(zero.isAt(pages, 2 * pageBytes)).isFalse();
        for (int at = pageBytes; at < 2 * pageBytes; at++) {
            bytes.put(at, (byte) 0x80);
            assertThat(zero.isAt(pages, pageBytes)).as("byte %d", at - pageBytes).isFalse();
            bytes.put(at, (byte) 0);
        }
        assertThat(pages.position()).isEqualTo(5);
        assertThat(pages.limit()).isEqualTo(7);
    }

    @Test
    void leavesTheBufferAsItWasWhereThePageIsNotInIt() {
        ByteBuffer page = ByteBuffer.allocateDirect(4096).position(5).limit(7);
        assertThatThrownBy(() -> new ZeroPage(4096).isAt(page, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThat(page.position()).isEqualTo(5);
        assertThat(page.limit()).isEqualTo(7);
    }
}
