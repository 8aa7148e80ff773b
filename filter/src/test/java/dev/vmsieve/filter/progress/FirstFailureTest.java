// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;

import org.junit.jupiter.api.Test;

class FirstFailureTest {
    @Test
    void throwsNothingWhereNothingFailed() {
        var failure = new FirstFailure();
        assertThat(failure.any()).isFalse();
        assertThatCode(failure::rethrow).doesNotThrowAnyException();
    }

    @Test
    void throwsTheFirstFailureAsItCame() {
        for (Throwable first : List.of(new IOException("x"), new IllegalStateException(), new OutOfMemoryError())) {
            var failure = new FirstFailure();
            failure.add(first);
            failure.add(new IOException("later"));
            assertThat(failure.any()).isTrue();
            assertThatThrownBy(failure::rethrow).isSameAs(first);
        }
    }
}
