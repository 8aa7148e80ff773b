#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dracut module: puts the vmsieve runtime into kdump's initramfs, where it answers as makedumpfile. Its number places it
# before kdumpbase, whose own makedumpfile is then not copied, since files that are there are kept.

vmsieve_tree=/usr/lib/vmsieve

# In kdump's images by itself, in others only when asked for.
check() {
    [ -f "${dracutsysrootdir-}$vmsieve_tree/lib/vmsieve.jar" ] || return 1
    [ -n "$IN_KDUMP" ] && return 0
    # SUSE's kdump module sets no variable, but is asked for by name.
    # shellcheck disable=SC2154
    [[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules " == *\ kdump\ * ]] && return 0
    return 255
}

depends() {
    echo base
}

installkernel() {
    return 0
}

install() {
    local file library
    # dracut copies no directories; the notices stay at home.
    while read -r file; do
        inst_simple "$file"
    done < <(find "$vmsieve_tree" -path "$vmsieve_tree/doc" -prune -o \( -type f -o -type l \) -print)
    # dracut looks for libraries only of executable files, and these are none: the libraries of each, from the system.
    while read -r library; do
        inst "$library"
    done < <(find "$vmsieve_tree" \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} \; 2> /dev/null |
        sed -n 's/^.*=> *\(\/[^ ]*\) .*$/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*$/\1/p' | grep -v "^$vmsieve_tree" | sort -u)
    inst_multiple sh
    inst_simple "$vmsieve_tree/bin/vmsieve" /usr/bin/vmsieve
    inst_simple "$vmsieve_tree/bin/vmsieve" /usr/sbin/makedumpfile
    inst_simple "$vmsieve_tree/bin/vmsieve" /usr/bin/makedumpfile
}
