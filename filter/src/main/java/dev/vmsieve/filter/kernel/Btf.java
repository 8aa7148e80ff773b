// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// BTF, the kernel's own type information (Documentation/bpf/btf.rst), as it lies in the crashed kernel's memory.
///
/// 4 to 5 MB in a distribution's kernel, so it is looked for only where VMCOREINFO lacks a key.
public final class Btf implements TypeSource {
    private static final int MAGIC = 0xeb9f;
    private static final long MOST_BYTES = 64 << 20;
    private static final int TYPE_BYTES = 12;
    private static final int MEMBER_BYTES = 12;
    private static final int DEEPEST = 8;
    /// Members that are looked at for one answer: more than any struct has, so that types that contain themselves come to
    /// an end.
    private static final int MOST_MEMBERS = 1 << 16;
    private static final int ARRAY = 3;
    private static final int STRUCT = 4;
    private static final int UNION = 5;
    private static final int ENUM = 6;
    private static final int TYPEDEF = 8;
    private static final int VOLATILE = 9;
    private static final int CONST = 10;
    private static final int RESTRICT = 11;
    private static final int TYPE_TAG = 18;
    private static final int ENUM64 = 19;
    private static final int LAST_KIND = 19;
    /// Bytes after a type's head: fixed by its kind, and for each of its vlen elements.
    private static final int[] FIXED = {0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0};
    private static final int[] EACH = {0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12};

    private final ByteBuffer bytes;
    private final int strings;
    private final int stringsEnd;
    /// Where each type begins, by id from 1 on.
    private final int[] types;
    private final int count;

    private Btf(ByteBuffer bytes, int strings, int stringsEnd, int[] types, int count) {
        this.bytes = bytes;
        this.strings = strings;
        this.stringsEnd = stringsEnd;
        this.types = types;
        this.count = count;
    }

    /// Finds BTF in the crashed kernel's memory, by its symbol table; empty if there is none or it cannot be read.
    public static Optional<Btf> find(Vmcoreinfo info, KernelReader memory, ByteOrder byteOrder) {
        try {
            Map<String, Long> symbols = Kallsyms.find(Set.of("__start_BTF", "__stop_BTF"), info, memory, byteOrder);
            Long start = symbols.get("__start_BTF");
            Long stop = symbols.get("__stop_BTF");
            if (start == null || stop == null || stop - start <= 0 || stop - start > MOST_BYTES) {
                return Optional.empty();
            }
            ByteBuffer data = ByteBuffer.allocateDirect((int) (stop - start)).order(byteOrder);
            memory.read(start, data, 0, data.capacity());
            return parse(data);
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    /// Indexes the types; empty if the bytes are no BTF, or break its format.
    ///
    /// @param bytes in the crashed kernel's byte order; kept
    public static Optional<Btf> parse(ByteBuffer bytes) {
        try {
            return index(bytes);
        } catch (IndexOutOfBoundsException | ArithmeticException broken) {
            return Optional.empty();
        }
    }

    private static Optional<Btf> index(ByteBuffer bytes) {
        if (Short.toUnsignedInt(bytes.getShort(0)) != MAGIC) {
            return Optional.empty();
        }
        int header = bytes.getInt(4);
        int start = Math.addExact(header, bytes.getInt(8));
        int end = Math.addExact(start, bytes.getInt(12));
        int strings = Math.addExact(header, bytes.getInt(16));
        int stringsEnd = Math.addExact(strings, bytes.getInt(20));
        if (header < 24 || start < header || end < start || strings < header || stringsEnd < strings
                || end > bytes.limit() || stringsEnd > bytes.limit()) {
            return Optional.empty();
        }
        int[] types = new int[1 << 10];
        int count = 1;
        for (int at = start; at < end; count++) {
            if (count == types.length) {
                types = Arrays.copyOf(types, count * 2);
            }
            types[count] = at;
            int kind = kind(bytes.getInt(at + 4));
            if (kind == 0 || kind > LAST_KIND) {
                return Optional.empty();
            }
            at += TYPE_BYTES + FIXED[kind] + EACH[kind] * elements(bytes.getInt(at + 4));
            if (at > end) {
                return Optional.empty();
            }
        }
        return Optional.of(new Btf(bytes, strings, stringsEnd, types, count));
    }

    private static int kind(int info) {
        return info >>> 24 & 0x1f;
    }

    private static int elements(int info) {
        return info & 0xffff;
    }

    @Override
    public OptionalLong size(String struct) {
        int type = find(struct);
        return type < 0 ? OptionalLong.empty() : OptionalLong.of(Integer.toUnsignedLong(bytes.getInt(type + 8)));
    }

    @Override
    public OptionalLong offset(String struct, String member) {
        Member found = member(struct, member);
        return found.type < 0 ? OptionalLong.empty() : OptionalLong.of(found.bits / Byte.SIZE);
    }

    @Override
    public OptionalLong length(String struct, String member) {
        int type = target(member(struct, member).type);
        return type < 0 || kind(bytes.getInt(type + 4)) != ARRAY
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(bytes.getInt(type + TYPE_BYTES + 8)));
    }

    @Override
    public OptionalLong enumerator(String name) {
        byte[] wanted = name(name);
        for (int id = 1; id < count; id++) {
            int type = types[id];
            int kind = kind(bytes.getInt(type + 4));
            if (kind == ENUM || kind == ENUM64) {
                int length = elements(bytes.getInt(type + 4));
                for (int i = 0; i < length; i++) {
                    int at = type + TYPE_BYTES + i * EACH[kind];
                    if (is(bytes.getInt(at), wanted)) {
                        long low = bytes.getInt(at + 4);
                        return OptionalLong.of(kind == ENUM
                                ? low
                                : (low & 0xffff_ffffL) | ((long) bytes.getInt(at + 8) << 32));
                    }
                }
            }
        }
        return OptionalLong.empty();
    }

    /// Where a struct or union of that name begins, a mere declaration aside; else the one that a typedef of that name
    /// stands for; -1 if there is none.
    private int find(String struct) {
        byte[] wanted = name(struct);
        int aliased = -1;
        for (int id = 1; id < count; id++) {
            int kind = kind(bytes.getInt(types[id] + 4));
            if (isStruct(types[id]) && is(bytes.getInt(types[id]), wanted)) {
                return types[id];
            }
            if (kind == TYPEDEF && aliased < 0 && is(bytes.getInt(types[id]), wanted)) {
                aliased = target(id);
            }
        }
        return isStruct(aliased) ? aliased : -1;
    }

    private boolean isStruct(int type) {
        if (type < 0) {
            return false;
        }
        int info = bytes.getInt(type + 4);
        return (kind(info) == STRUCT || kind(info) == UNION) && elements(info) > 0;
    }

    /// Where the type begins that an id means, typedefs and qualifiers taken away; -1 if there is none.
    private int target(int id) {
        int type = id;
        for (int depth = 0; depth < 2 * DEEPEST && type > 0 && type < count; depth++) {
            int kind = kind(bytes.getInt(types[type] + 4));
            if (kind != TYPEDEF && kind != VOLATILE && kind != CONST && kind != RESTRICT && kind != TYPE_TAG) {
                return types[type];
            }
            type = bytes.getInt(types[type] + 8);
        }
        return -1;
    }

    /// A member found.
    ///
    /// @param bits its offset in bits
    /// @param type id of its type; -1 if there is no such member
    private record Member(long bits, int type) {
        static final Member NONE = new Member(0, -1);
    }

    private Member member(String struct, String member) {
        int type = find(struct);
        return type < 0 ? Member.NONE : new MemberSearch(name(member)).find(type, 0, 0);
    }

    /// The search for one member, also in the anonymous structs and unions inside.
    private final class MemberSearch {
        private final byte[] wanted;
        private int looked;

        MemberSearch(byte[] wanted) {
            this.wanted = wanted;
        }

        Member find(int type, long base, int depth) {
            int info = bytes.getInt(type + 4);
            boolean bitFields = info < 0;
            for (int i = 0; i < elements(info) && looked++ < MOST_MEMBERS; i++) {
                int at = type + TYPE_BYTES + i * MEMBER_BYTES;
                int offset = bytes.getInt(at + 8);
                long bits = base + (bitFields ? offset & 0xff_ffff : Integer.toUnsignedLong(offset));
                if (is(bytes.getInt(at), wanted)) {
                    return new Member(bits, bytes.getInt(at + 4));
                }
                int inner = bytes.getInt(at) == 0 && depth < DEEPEST ? target(bytes.getInt(at + 4)) : -1;
                Member inside = isStruct(inner) ? find(inner, bits, depth + 1) : Member.NONE;
                if (inside.type >= 0) {
                    return inside;
                }
            }
            return Member.NONE;
        }
    }

    /// True if the string at the offset in the string section is the wanted one, which ends in NUL.
    private boolean is(int offset, byte[] wanted) {
        if (offset <= 0 || offset > stringsEnd - strings - wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (bytes.get(strings + offset + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] name(String text) {
        return (text + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
