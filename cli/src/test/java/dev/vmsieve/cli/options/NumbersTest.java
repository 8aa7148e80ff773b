// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({"0,0", "31,31", "' 7',7", "+3,3", "-1,-1", "007,7", "999999999,999999999"})
    void readsADecimalNumber(String text, int number) {
        assertThat(Numbers.strict(text)).hasValue(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "abc", "0x1f", "31x", "1 31", "3 ", "-", "+", "1234567890", "1.5", "--1"})
    void refusesWhatIsNotANumberAlone(String text) {
        assertThat(Numbers.strict(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'',0", "abc,0", "12abc,12", "0x1f,0", "' -5',-5", "99999999999,2147483647",
            "-99999999999,-2147483647"})
    void readsAsAtoiDoes(String text, int number) {
        assertThat(Numbers.lenient(text)).isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "10K,10240", "10k,10240", "3M,3145728", "2g,2147483648", "1T,1099511627776", "0x10,16",
            "0X1fk,31744", "010,8", "7P,7881299347898368", "7E,8070450532247928832",
            "9223372036854775807,9223372036854775807"})
    void readsASizeWithSuffix(String text, long bytes) {
        assertThat(Numbers.size(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0K", "0x", "abc", "10MB", "10 M", "-1", "8E", "9223372036854775808", "K", "09",
            "1.5G", "1KK"})
    void refusesWhatIsNoSize(String text) {
        assertThat(Numbers.size(text)).isEmpty();
    }
}
