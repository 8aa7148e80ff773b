// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @Test
    void writesHexadecimalWithSixteenDigits() {
        assertThat(Text.hex16(0x1ff7f)).isEqualTo("0x000000000001ff7f");
        assertThat(Text.hex16(-1)).isEqualTo("0xffffffffffffffff");
    }

    @ParameterizedTest
    @CsvSource({"0,10,0.0", "1,3,33.3", "2,3,66.6", "999999,1000000,99.9", "3,3,100.0", "5,3,100.0", "0,0,100.0",
            "4611686018427387904,9223372036854775807,50.0"})
    void roundsPercentDown(long part, long whole, String text) {
        assertThat(Text.percent(part, whole)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "999,999", "1000,'1,000'", "1234567,'1,234,567'", "-1000,'-1,000'", "-100,-100"})
    void groupsDigits(long number, String text) {
        assertThat(Text.grouped(number)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0 bytes", "1023,1023 bytes", "1024,1.0 KiB", "1536,1.5 KiB", "1073741823,1023.9 MiB",
            "1073741824,1.0 GiB"})
    void shortensBytes(long count, String text) {
        assertThat(Text.bytes(count)).isEqualTo(text);
    }
}
