# SPDX-License-Identifier: Apache-2.0
# What check-deb and check-rpm share: a copy of this machine's root that vanishes with the script, and checks in it. Source
# it in a mount namespace of the script's own.
# shellcheck shell=sh

# make_scratch_root: the copy is in $root, an overlay.
make_scratch_root() {
    work=$(mktemp -d) || exit 1
    root=$work/root
    mount -t tmpfs none "$work" && mkdir "$work/upper" "$work/work" "$root" &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$root" &&
        mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" || exit 1
}

# run_checks: runs standard input in the copy, a shell script that makes checks: check TITLE COMMAND. Ends in one line.
run_checks() {
    {
        cat << 'CHECK'
passed=0
failed=0
check() {
    if said=$(eval "$2" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
        echo "$said"
    fi
}
CHECK
        cat
        # shellcheck disable=SC2016 # the script's own
        echo 'echo "$passed passed, $failed failed"; [ $failed = 0 ]'
    } > "$root/checks" || exit 1
    chroot "$root" sh /checks
}
