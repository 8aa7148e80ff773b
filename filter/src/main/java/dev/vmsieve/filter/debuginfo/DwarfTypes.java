// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// The types that are asked for, out of a kernel's DWARF: .debug_info is read unit by unit, until all are found.
///
/// A structure is the one that is meant if it has at least one of the members asked for: drivers have structures of the
/// same names. Memory holds two units at a time.
final class DwarfTypes implements TypeSource {
    private static final int DEEPEST = 8;
    private static final int MOST_ALIASES = 32;
    private static final int MOST_MEMBERS = 1 << 16;

    /// What is asked for.
    ///
    /// @param structs members of each struct, union or typedef of one; none: only its size
    /// @param enumerators of any enum
    record Query(Map<String, Set<String>> structs, Set<String> enumerators) {
        WantedNames names() {
            Set<String> names = new LinkedHashSet<>(structs.keySet());
            structs.values().forEach(names::addAll);
            names.addAll(enumerators);
            return new WantedNames(names);
        }
    }

    /// A member found.
    ///
    /// @param offset in bytes
    /// @param length elements if it is an array; negative if not
    private record Member(long offset, long length) {}

    /// A struct found.
    private record Struct(long bytes, Map<String, Member> members) {}

    /// An entry and where it is.
    private record Place(DwarfUnit unit, int at, int next, DwarfEntry entry) {}

    private final DwarfSections sections;
    private final Query query;
    private final Set<String> missing;
    private final Map<String, Struct> structs = new HashMap<>();
    private final Map<String, Long> enumerators = new HashMap<>();
    /// Where units start, ascending, as far as they are known.
    private long[] starts = new long[1 << 10];
    private int startCount;
    private long startsEnd;
    /// The unit that was referred to last from another one.
    private @Nullable DwarfUnit foreign;
    private int looked;

    private DwarfTypes(DwarfSections sections, Query query) {
        this.sections = sections;
        this.query = query;
        this.missing = new LinkedHashSet<>(query.structs().keySet());
        missing.addAll(query.enumerators());
    }

    /// Reads through .debug_info; what is not found then is not there.
    ///
    /// @param sections of the query's names; stay the caller's
    static DwarfTypes read(DwarfSections sections, Query query, Progress progress) throws IOException {
        var types = new DwarfTypes(sections, query);
        long end = sections.info().bytes();
        progress.begin(Stage.DEBUG_INFO, end);
        for (long at = 0; at < end && !types.missing.isEmpty();) {
            DwarfUnit unit = DwarfUnit.read(sections, at);
            types.take(unit);
            at += unit.limit();
            progress.advance(unit.limit());
        }
        progress.end(Stage.DEBUG_INFO);
        return types;
    }

    @Override
    public OptionalLong size(String struct) {
        Struct found = structs.get(struct);
        return found == null || found.bytes < 0 ? OptionalLong.empty() : OptionalLong.of(found.bytes);
    }

    @Override
    public OptionalLong offset(String struct, String member) {
        Struct found = structs.get(struct);
        Member known = found == null ? null : found.members.get(member);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known.offset);
    }

    @Override
    public OptionalLong length(String struct, String member) {
        Struct found = structs.get(struct);
        Member known = found == null ? null : found.members.get(member);
        return known == null || known.length < 0 ? OptionalLong.empty() : OptionalLong.of(known.length);
    }

    @Override
    public OptionalLong enumerator(String name) {
        Long value = enumerators.get(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private void take(DwarfUnit unit) throws IOException {
        var entry = new DwarfEntry();
        if (unit.first() >= unit.limit()) {
            return;
        }
        int at = unit.read(unit.first(), entry);
        if (!entry.children) {
            return;
        }
        while (at < unit.limit()) {
            int next = unit.read(at, entry);
            if (entry.tag == 0) {
                return;
            }
            take(unit, next, entry);
            at = unit.after(at, next, entry);
        }
    }

    private void take(DwarfUnit unit, int next, DwarfEntry entry) throws IOException {
        if (entry.tag == Dwarf.TAG_ENUMERATION && entry.children) {
            takeEnumerators(unit, next);
        } else if (entry.name >= 0 && !entry.declaration && (entry.isStruct() || entry.tag == Dwarf.TAG_TYPEDEF)) {
            String name = sections.wanted().name(entry.name);
            if (missing.contains(name) && query.structs().containsKey(name)) {
                takeStruct(name, unit, next, entry);
            }
        }
    }

    private void takeStruct(String name, DwarfUnit unit, int next, DwarfEntry entry) throws IOException {
        Place place = new Place(unit, 0, next, entry);
        if (!entry.isStruct()) {
            Place target = target(unit, entry.type);
            if (target == null || !target.entry.isStruct() || target.entry.declaration) {
                return;
            }
            place = target;
        }
        Map<String, Member> members = new HashMap<>();
        looked = 0;
        if (place.entry.children) {
            takeMembers(place.unit, place.next, new Level(query.structs().getOrDefault(name, Set.of()), 0, 0), members);
        }
        if (!members.isEmpty() || query.structs().getOrDefault(name, Set.of()).isEmpty()) {
            structs.put(name, new Struct(place.entry.bytes, members));
            missing.remove(name);
        }
    }

    /// How deep in anonymous structs, and where they begin.
    private record Level(Set<String> wanted, long base, int depth) {}

    private void takeMembers(DwarfUnit unit, int first, Level level, Map<String, Member> members) throws IOException {
        var entry = new DwarfEntry();
        int at = first;
        while (at < unit.limit()) {
            int next = unit.read(at, entry);
            if (entry.tag == 0) {
                return;
            }
            if (++looked > MOST_MEMBERS) {
                throw unit.corrupt("structure", "have at most " + MOST_MEMBERS + " members", "larger", at);
            }
            if (entry.tag == Dwarf.TAG_MEMBER) {
                takeMember(unit, entry, level, members);
            }
            at = unit.after(at, next, entry);
        }
    }

    private void takeMember(DwarfUnit unit, DwarfEntry entry, Level level, Map<String, Member> members)
            throws IOException {
        long offset = level.base + Math.max(entry.location, 0);
        if (entry.name >= 0) {
            String name = sections.wanted().name(entry.name);
            if (level.wanted.contains(name)) {
                members.putIfAbsent(name, new Member(offset, length(unit, entry.type)));
            }
        } else if (entry.name == DwarfEntry.NAMELESS && level.depth < DEEPEST) {
            Place inner = target(unit, entry.type);
            if (inner != null && inner.entry.isStruct() && inner.entry.children) {
                takeMembers(inner.unit, inner.next, new Level(level.wanted, offset, level.depth + 1), members);
            }
        }
    }

    private void takeEnumerators(DwarfUnit unit, int first) throws IOException {
        var entry = new DwarfEntry();
        int at = first;
        while (at < unit.limit()) {
            int next = unit.read(at, entry);
            if (entry.tag == 0) {
                return;
            }
            if (entry.tag == Dwarf.TAG_ENUMERATOR && entry.name >= 0 && entry.value != DwarfEntry.ABSENT) {
                String name = sections.wanted().name(entry.name);
                if (query.enumerators().contains(name) && missing.remove(name)) {
                    enumerators.put(name, entry.value);
                }
            }
            at = unit.after(at, next, entry);
        }
    }

    /// Elements of an array's first dimension; negative if the type is no array, or of no length.
    private long length(DwarfUnit unit, long type) throws IOException {
        Place array = target(unit, type);
        if (array == null || array.entry.tag != Dwarf.TAG_ARRAY || !array.entry.children) {
            return -1;
        }
        var entry = new DwarfEntry();
        int at = array.next;
        while (at < array.unit.limit()) {
            int next = array.unit.read(at, entry);
            if (entry.tag == Dwarf.TAG_SUBRANGE) {
                return entry.count != DwarfEntry.ABSENT ? entry.count : Math.max(entry.upperBound, -2) + 1;
            }
            if (entry.tag == 0) {
                return -1;
            }
            at = array.unit.after(at, next, entry);
        }
        return -1;
    }

    /// What a type reference means once typedefs and qualifiers are taken away; null if it is not told in this file.
    private @Nullable Place target(DwarfUnit from, long reference) throws IOException {
        DwarfUnit unit = from;
        long type = reference;
        for (int i = 0; i < MOST_ALIASES; i++) {
            if (type == DwarfEntry.ABSENT) {
                return null;
            }
            unit = unit.holds(type) ? unit : unitAt(unit, type);
            int at = (int) (type - unit.start());
            if (at < unit.first()) {
                throw unit.corrupt("DW_AT_type", "refer to an entry", "0x" + Long.toHexString(type), at);
            }
            var entry = new DwarfEntry();
            int next = unit.read(at, entry);
            if (!entry.isAlias()) {
                return new Place(unit, at, next, entry);
            }
            type = entry.type;
        }
        throw from.corrupt("DW_AT_type", "come to a type after " + MOST_ALIASES + " typedefs at most",
                "going on, perhaps in a circle", (int) (reference - from.start()));
    }

    private DwarfUnit unitAt(DwarfUnit from, long offset) throws IOException {
        DwarfUnit known = foreign;
        if (known != null && known.holds(offset)) {
            return known;
        }
        SectionData info = sections.info();
        if (offset < 0 || offset >= info.bytes()) {
            throw info.corrupt("DW_AT_type of the unit at 0x" + Long.toHexString(from.start()),
                    "lie in a section of " + info.bytes() + " bytes", "0x" + Long.toHexString(offset), from.start());
        }
        while (startsEnd <= offset) {
            if (startCount == starts.length) {
                starts = Arrays.copyOf(starts, 2 * startCount);
            }
            starts[startCount++] = startsEnd;
            startsEnd += DwarfUnit.length(info, startsEnd);
        }
        int index = Arrays.binarySearch(starts, 0, startCount, offset);
        DwarfUnit unit = DwarfUnit.read(sections, starts[index >= 0 ? index : -index - 2]);
        foreign = unit;
        return unit;
    }

    /// What was not found, for debugging messages.
    List<String> missing() {
        return List.copyOf(missing);
    }
}
