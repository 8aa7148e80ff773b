// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void separatesValuesAndNests() {
        String text = new Json().begin('{').name("a").number(-1).name("b").begin('[').string("x").string("y").begin('{')
                .end('}').end(']').name("c").begin('[').end(']').end('}').text();
        assertThat(text).isEqualTo("{\"a\":-1,\"b\":[\"x\",\"y\",{}],\"c\":[]}");
    }

    @Test
    void escapesWhatJsonOrTheEncodingCouldMistake() {
        assertThat(new Json().string("\"\\/\n\u0000\u007f\u00e9\ud83d\ude00").text())
                .isEqualTo("\"\\\"\\\\/\\u000a\\u0000\\u007f\\u00e9\\ud83d\\ude00\"");
    }
}
