#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs vmsieve out of its runtime image, and answers to the name it was called by (vmsieve, makedumpfile). Needs no
# program but sh, and ends in one exec, so signals and the exit status are the program's own.

# Descriptors 0 to 2 must be taken, or the dump file could become standard output. Where that was closed, dump data must
# fail and not vanish: it is opened for reading. (A closed descriptor put in its own place fails in no shell.)
if [ -c /dev/null ]; then
    { true 3<&0; } 2> /dev/null || exec < /dev/null
    { true 3>&1; } 2> /dev/null || exec 1< /dev/null
    { true 3>&2; } || exec 2> /dev/null
fi

# The tree: around this file, around the file that a link names, or where the package puts it.
program=${0##*/}
self=$0
while :; do
    case $self in
    */*) tree=${self%/*}/.. ;;
    *) tree=.. ;;
    esac
    [ -f "$tree/lib/vmsieve.jar" ] && break
    tree=/usr/lib/vmsieve
    [ -h "$self" ] && command -v readlink > /dev/null && link=$(readlink "$self") || break
    case $link in
    /*) self=$link ;;
    *) self=${self%/*}/$link ;;
    esac
done

# A locale of its own, in which each byte is a character: file names reach Java and come back as they are. One category
# of another locale, which is not there, and none would be set. (bash tells that it cannot take the locale itself.)
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LD_LIBRARY_PATH
{
    unset LC_ALL LANG LANGUAGE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_PAPER LC_NAME LC_ADDRESS \
        LC_TELEPHONE LC_MEASUREMENT LC_IDENTIFICATION
    export LOCPATH="$tree/lib/locale" LC_CTYPE=raw MALLOC_ARENA_MAX=1
} 2>&-

# Where memory is short the system ends a process without giving it a chance to say so: the word goes ahead. In a crash
# kernel there, files are read a page at a time: what is read ahead at a page fault drives out the pages that run. Nor does
# the system keep 2 MB free against fragmentation. (/proc may be missing: a file that cannot be opened fails a loop, but
# ends a shell that was to exec with it.)
key=
{
    while read -r key kib _; do
        [ "$key" != MemAvailable: ] || break
    done < /proc/meminfo
} 2>&-
if [ "$key" = MemAvailable: ] && [ "$kib" -lt 56000 ]; then
    if [ -e /proc/vmcore ]; then
        for file in /sys/class/bdi/*/read_ahead_kb; do
            { echo 4 > "$file"; } 2>&-
        done
        { echo 0 > /proc/sys/vm/watermark_boost_factor; } 2>&-
    fi
    [ "$kib" -ge 30000 ] ||
        echo "$program: only $kib kB of memory are available, which may be too little: give the crash kernel more (crashkernel=)" >&2
fi

# Strict accounting (vm.overcommit_memory=2) counts what is promised, used or not: the heap, stacks, the cache's writable
# part; and keeps up to a 32nd of the memory from each process (vm.user_reserve_kbytes). Where little may be promised less
# is asked for, and where that is too much a line says so instead of the JVM. A crash kernel is there for the dump alone:
# its accounting is given up.
# (A shell that reads one byte at a time gets one byte of a file in /proc/sys.)
strict= overcommit= need=0 limit=0 promised=0
{ read -r overcommit < /proc/sys/vm/overcommit_memory; } 2>&- || true
if [ "$overcommit" = 2 ] && [ -r /proc/meminfo ]; then
    while read -r key kib _; do
        case $key in
        MemTotal:) need=$((20000 + kib / 32)) ;;
        CommitLimit:) limit=$kib ;;
        Committed_AS:) promised=$kib && break ;;
        esac
    done < /proc/meminfo
    if [ $((limit - promised)) -lt 44000 ]; then
        strict="-Xms2m -Xss256k -XX:CompilerThreadStackSize=512 -XX:VMThreadStackSize=256 -XX:InitialCodeCacheSize=512k"
        if [ $((limit - promised)) -ge "$need" ]; then
            :
        elif [ -e /proc/vmcore ] && { echo 0 > /proc/sys/vm/overcommit_memory; } 2>&-; then
            strict=
            echo "$program: vm.overcommit_memory was 2, and only $((limit - promised)) kB of the $need needed could be promised: it is 0 now" >&2
        else
            echo "$program: vm.overcommit_memory is 2: CommitLimit is $limit kB, of which Committed_AS takes $promised kB, and $need kB are needed: set vm.overcommit_memory=0 (crash kernel's command line: sysctl.vm.overcommit_memory=0), or give the crash kernel more (crashkernel=)" >&2
            exit 1
        fi
    fi
fi

terminal=false
[ -t 2 ] && terminal=true

# The cache lies where it was made for, if that address is free: moved, a third of it would be private memory.
exec "$tree/runtime/bin/java" -XX:AOTCache="$tree/lib/vmsieve.aot" \
    -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 \
    -XX:+UnlockExperimentalVMOptions -XX:StringTableSize=1024 -XX:SymbolTableSize=4096 -XX:StackShadowPages=10 \
    -XX:+UseSerialGC -Xms4m -Xmx128m -Xss512k -XX:MaxDirectMemorySize=16g \
    -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m $strict \
    -XX:-UsePerfData -XX:-UseContainerSupport \
    -XX:+ErrorFileToStderr -XX:-CreateCoredumpOnCrash \
    -Xlog:disable -XX:+DisplayVMOutputToStderr \
    --enable-native-access=ALL-UNNAMED -Djdk.util.jar.enableMultiRelease=false -Djdk.reflect.useNativeAccessorOnly=true \
    -Dvmsieve.native.dir="$tree/lib" -Dvmsieve.program="$program" -Dvmsieve.terminal=$terminal \
    -cp "$tree/lib/vmsieve.jar" dev.vmsieve.cli.Main "$@"
