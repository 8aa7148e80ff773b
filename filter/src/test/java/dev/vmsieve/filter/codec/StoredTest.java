// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.fixtures.SamplePages;

final class StoredTest {
    @Test
    void neverShrinksAPage() {
        try (CodecHarness codec = new CodecHarness(Compression.NONE)) {
            assertThat(codec.compress(new byte[4096])).isEmpty();
        }
    }

    @Test
    void copiesAStoredPage() throws CorruptDumpException {
        byte[] page = SamplePages.text(4096, 1);
        try (CodecHarness codec = new CodecHarness(Compression.NONE)) {
            assertThat(codec.decompress(page, 4096)).isEqualTo(page);
        }
    }

    @Test
    void rejectsAStoredPageOfAnotherSize() {
        try (CodecHarness codec = new CodecHarness(Compression.NONE)) {
            assertThatThrownBy(() -> codec.decompress(new byte[4095], 4096)).isInstanceOf(CorruptDumpException.class)
                    .hasMessage("stored page: size must be the block size 4096 but was 4095");
        }
    }
}
