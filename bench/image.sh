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
