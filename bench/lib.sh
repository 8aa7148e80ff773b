# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts here that run a class of this module. Sets root, jdk and classpath, and builds what is missing.
# Wants main, the class with slashes.
# shellcheck shell=sh disable=SC2034
bench=$(CDPATH='' cd -P -- "$(dirname "$0")" && pwd)
root=$(CDPATH='' cd -P -- "$bench/.." && pwd)
for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/*; do
    [ -x "$jdk/bin/javac" ] && grep -q '^JAVA_VERSION="2[5-9]' "$jdk/release" 2> /dev/null && break
    jdk=
done
[ -n "$jdk" ] || { echo "${0##*/}: needs a JDK 25: set JAVA_HOME" >&2; exit 1; }

"$root/cli/bin/vmsieve" -v > /dev/null
classes=$bench/target/classes
if [ ! -d "$classes" ] || [ -n "$(find "$bench/src/main" -newer "$classes/$main.class")" ]; then
    maven=$(command -v mvn) || maven=$root/mvnw
    (cd "$root" && JAVA_HOME=$jdk "$maven" -B -q -ntp -pl bench -am -Dmaven.test.skip=true \
        -Dspotless.check.skip=true process-classes) >&2
fi
classpath=$classes
for jar in "$root"/cli/target/lib/*.jar; do
    classpath=$classpath:$jar
done
