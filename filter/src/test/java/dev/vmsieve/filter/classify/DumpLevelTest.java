// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DumpLevelTest {
    @ParameterizedTest(name = "-d {0}")
    @CsvSource(textBlock = """
            0,  -----HO-
            1,  Z----HO-
            2,  -N---HO-
            4,  -NP--HO-
            6,  -NP--HO-
            8,  ---U-HO-
            16, ----FHO-
            17, Z---FHO-
            27, ZN-UFHO-
            31, ZNPUFHO-
            """)
    void excludesKindsByBit(int level, String kinds) {
        StringBuilder found = new StringBuilder();
        for (PageKind kind : PageKind.values()) {
            found.append(DumpLevel.of(level).excludes(kind) ? "ZNPUFHOK".charAt(kind.index()) : '-');
        }
        assertThat(found).hasToString(kinds);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 32, 64})
    void rejectsWhatIsNoLevel(int bits) {
        assertThatThrownBy(() -> DumpLevel.of(bits)).hasMessage("dump level must be 0 to 31 but was " + bits);
    }
}
