# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts here. Sets bench and root; each function sets what its first line says.
# shellcheck shell=sh disable=SC2034
bench=$(CDPATH='' cd -P -- "$(dirname "$0")" && pwd)
root=$(CDPATH='' cd -P -- "$bench/.." && pwd)

fail() {
    echo "${0##*/}: $1" >&2
    exit 1
}

# image: the program in the runtime image, empty if that is not built. Fails if it is older than what it is made of.
find_image() {
    image=
    for program in "$root"/cli/target/image/vmsieve-*-linux-*/bin/vmsieve; do
        [ -x "$program" ] && image=$program
    done
    [ -n "$image" ] || return 0
    newer=$(find "$root/pom.xml" "$root"/filter/pom.xml "$root"/collector/pom.xml "$root"/cli/pom.xml \
        "$root"/filter/src/main "$root"/collector/src/main "$root"/cli/src/main "$root"/cli/image/build \
        -type f -newer "$image" | head -n 1)
    [ -z "$newer" ] || fail "the runtime image is older than ${newer#"$root"/}: run cli/image/build first"
}

# commit: what the checkout is at; empty where that cannot be told.
find_commit() {
    commit=$(git -C "$root" describe --always --dirty 2> /dev/null) || commit=
}

# jdk: a JDK 25 or newer.
find_jdk() {
    on_path=$(command -v javac) && on_path=$(readlink -f -- "$on_path")
    for jdk in "${JAVA_HOME:-}" "${on_path%/bin/javac}" /usr/lib/jvm/*25* /usr/lib/jvm/* \
        "$HOME"/.sdkman/candidates/java/*; do
        [ -x "$jdk/bin/javac" ] && grep -q '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$jdk/release" 2> /dev/null &&
            return 0
    done
    fail "needs a JDK 25: set JAVA_HOME"
}

# jdk and classpath: of this module, with what it needs. Builds what is missing or older than its sources.
build_classes() {
    find_jdk
    classpath=$bench/target/classpath
    stamp=$bench/target/scripts.stamp
    if [ ! -f "$stamp" ] || [ ! -f "$classpath" ] || [ -n "$(find "$root/pom.xml" "$root"/filter/pom.xml \
        "$root"/collector/pom.xml "$root"/fixtures/pom.xml "$bench/pom.xml" "$root"/filter/src/main \
        "$root"/collector/src/main "$root"/fixtures/src/main "$bench/src/main" -newer "$stamp" 2> /dev/null)" ]; then
        echo "building bench ..." >&2
        maven=$(command -v mvn) || maven=$root/mvnw
        mkdir -p "$bench/target"
        : > "$stamp.new"
        (cd "$root" && JAVA_HOME=$jdk "$maven" -B -q -ntp -pl bench -am -Dmaven.test.skip=true \
            -Dspotless.check.skip=true process-classes dependency:build-classpath \
            "-Dmdep.outputFile=$classpath" -Dmdep.includeScope=runtime) >&2
        mv "$stamp.new" "$stamp"
    fi
    classpath=$bench/target/classes:$(cat "$classpath")
}
