// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.vmsieve.filter.debuginfo.SymbolTable.Symbol;
import dev.vmsieve.filter.kernel.KernelRelease;
import dev.vmsieve.filter.kernel.TypeSource;

/// The VMCOREINFO keys that a kernel's symbols and types can tell, and their lines: those of makedumpfile -g in its order,
/// and a few more. What the kernel does not have is left out.
///
/// A file of `SYMBOL(name)` has addresses as linked, without KASLR.
final class KernelKeys {
    /// The kernel's own text: a dump without a note may still have it in memory, and it knows what no type tells.
    static final String OWN_TEXT = "vmcoreinfo_data";
    static final String OWN_TEXT_BYTES = "vmcoreinfo_size";
    /// A page of zeroes that all architectures have under this name; its size is that of a page.
    static final String ZERO_PAGE = "empty_zero_page";

    private static final List<String> SYMBOLS = List.of("mem_map", "vmem_map", "mem_section", "pkmap_count",
            "pkmap_count_next", "system_utsname", "init_uts_ns", "_stext", "swapper_pg_dir", "init_level4_pgt",
            "level4_kernel_pgt", "init_top_pgt", "vmlist", "vmap_area_list", "node_online_map", "node_states",
            "node_data", "pgdat_list", "contig_page_data", "prb", "clear_seq", "log_buf", "log_buf_len", "log_end",
            "log_first_idx", "clear_idx", "log_next_idx", "max_pfn", "high_memory", "node_remap_start_vaddr",
            "node_remap_end_vaddr", "node_remap_start_pfn", "vmemmap_list", "mmu_psize_defs", "mmu_vmemmap_psize",
            "cpu_pgd", "demote_segment_4k", "cur_cpu_spec", "free_huge_page", "kallsyms_names", "kallsyms_num_syms",
            "kallsyms_token_table", "kallsyms_token_index", "kallsyms_offsets", "kallsyms_relative_base",
            "kallsyms_addresses", OWN_TEXT, OWN_TEXT_BYTES);

    private static final List<String> SIZES = List.of("page", "mem_section", "pglist_data", "zone", "free_area",
            "list_head", "node_memblk_s", "nodemask_t", "printk_ringbuffer", "prb_desc", "printk_info", "latched_seq",
            "printk_log", "log", "vmemmap_backing", "mmu_psize_def");

    private static final String[][] OFFSETS = {
            {"page", "flags", "_refcount", "_count", "mapping", "lru", "_mapcount", "private", "compound_dtor",
                    "compound_order", "compound_head", "compound_info"},
            {"folio", "_folio_dtor", "_folio_order"},
            {"mem_section", "section_mem_map"},
            {"pglist_data", "node_zones", "nr_zones", "node_mem_map", "node_start_pfn", "node_spanned_pages",
                    "pgdat_next", "node_id"},
            {"zone", "free_pages", "free_area", "vm_stat", "spanned_pages"},
            {"free_area", "free_list"},
            {"list_head", "next", "prev"},
            {"node_memblk_s", "start_paddr", "size", "nid"},
            {"vm_struct", "addr"},
            {"vmap_area", "va_start", "list"},
            {"printk_ringbuffer", "desc_ring", "text_data_ring"},
            {"prb_desc_ring", "count_bits", "descs", "infos", "head_id", "tail_id"},
            {"prb_desc", "state_var", "text_blk_lpos"},
            {"prb_data_blk_lpos", "begin", "next"},
            {"prb_data_ring", "size_bits", "data"},
            {"printk_info", "ts_nsec", "text_len", "caller_id", "seq"},
            {"atomic_long_t", "counter"},
            {"latched_seq", "val"},
            {"printk_log", "ts_nsec", "len", "text_len"},
            {"log", "ts_nsec", "len", "text_len"},
            {"vmemmap_backing", "phys", "virt_addr", "list"},
            {"mmu_psize_def", "shift"},
            {"cpu_spec", "mmu_features"},
            {"uts_namespace", "name"}};

    private static final String[][] LENGTHS = {{"zone", "free_area"}, {"free_area", "free_list"}};
    /// Arrays of pointers; a single pointer under the name is no array.
    private static final List<String> POINTER_ARRAYS = List.of("node_data", "pgdat_list", "mem_section");

    private static final List<String> NUMBERS = List.of("NR_FREE_PAGES", "N_ONLINE", "PG_lru", "PG_private",
            "PG_swapcache", "PG_swapbacked", "PG_buddy", "PG_slab", "PG_hwpoison", "PG_hugetlb", "HUGETLB_PAGE_DTOR");
    private static final List<String> PAGE_TYPES = List.of("buddy", "offline", "hugetlb", "slab", "unaccepted");

    /// Structures that only a kernel with the symbol has; without it they need not be looked for.
    private static final Map<String, String> ONLY_WITH_SYMBOL = Map.ofEntries(Map.entry("node_memblk_s", "node_memblk"),
            Map.entry("vmap_area", "vmap_area_list"), Map.entry("printk_ringbuffer", "prb"),
            Map.entry("prb_desc_ring", "prb"), Map.entry("prb_desc", "prb"), Map.entry("prb_data_blk_lpos", "prb"),
            Map.entry("prb_data_ring", "prb"), Map.entry("printk_info", "prb"), Map.entry("latched_seq", "prb"),
            Map.entry("printk_log", "log_first_idx"), Map.entry("log", "log_first_idx"),
            Map.entry("vmemmap_backing", "vmemmap_list"), Map.entry("mmu_psize_def", "mmu_psize_defs"),
            Map.entry("cpu_spec", "cur_cpu_spec"), Map.entry("vm_struct", "vmlist"));

    private final Map<String, Symbol> symbols;
    private final TypeSource types;
    private final KernelRelease release;
    private final int wordBytes;
    private final StringBuilder text = new StringBuilder();

    /// @param release as OSRELEASE has it
    KernelKeys(Map<String, Symbol> symbols, TypeSource types, KernelRelease release, int wordBytes) {
        this.symbols = symbols;
        this.types = types;
        this.release = release;
        this.wordBytes = wordBytes;
    }

    /// The symbols to look for.
    static List<String> symbolNames() {
        Set<String> names = new LinkedHashSet<>(SYMBOLS);
        names.add(ZERO_PAGE);
        names.add("node_memblk");
        return List.copyOf(names);
    }

    /// The types to look for in a kernel with these symbols.
    static DwarfTypes.Query typeQuery(Map<String, Symbol> symbols) {
        Map<String, Set<String>> structs = new LinkedHashMap<>();
        for (String size : SIZES) {
            structs.put(size, new LinkedHashSet<>());
        }
        for (String[] row : OFFSETS) {
            Set<String> members = structs.computeIfAbsent(row[0], name -> new LinkedHashSet<>());
            members.addAll(List.of(row).subList(1, row.length));
        }
        structs.getOrDefault("page", Set.of()).add("page_type");
        structs.keySet().removeIf(struct -> !symbols.containsKey(ONLY_WITH_SYMBOL.getOrDefault(struct, "_stext")));
        Set<String> enumerators = new LinkedHashSet<>(NUMBERS);
        enumerators.add("PG_head");
        enumerators.add("PG_compound");
        for (String type : PAGE_TYPES) {
            enumerators.add("PG_" + type);
            enumerators.add("PGTY_" + type);
        }
        return new DwarfTypes.Query(structs, enumerators);
    }

    /// The lines, behind those of OSRELEASE and PAGESIZE.
    String lines() {
        for (String symbol : SYMBOLS) {
            Optional<Symbol> found = Optional.ofNullable(symbols.get(symbol));
            if (found.isPresent() && found.get().value() != 0) {
                line("SYMBOL(" + symbol + ")", Long.toHexString(found.get().value()));
            }
        }
        for (String size : SIZES) {
            put("SIZE(" + size + ")", types.size(size));
        }
        for (String[] row : OFFSETS) {
            for (int i = 1; i < row.length; i++) {
                put("OFFSET(" + row[0] + "." + row[i] + ")", types.offset(row[0], row[i]));
            }
        }
        lengths();
        numbers();
        return text.toString();
    }

    private void lengths() {
        for (String array : POINTER_ARRAYS) {
            Optional<Symbol> symbol = Optional.ofNullable(symbols.get(array));
            if (symbol.isPresent() && symbol.get().bytes() > wordBytes) {
                line("LENGTH(" + array + ")", Long.toString(symbol.get().bytes() / wordBytes));
            }
        }
        Optional<Symbol> blocks = Optional.ofNullable(symbols.get("node_memblk"));
        long blockBytes = types.size("node_memblk_s").orElse(0);
        if (blocks.isPresent() && blockBytes > 0) {
            line("LENGTH(node_memblk)", Long.toString(blocks.get().bytes() / blockBytes));
        }
        for (String[] row : LENGTHS) {
            put("LENGTH(" + row[0] + "." + row[1] + ")", types.length(row[0], row[1]));
        }
    }

    private void numbers() {
        for (String name : NUMBERS) {
            OptionalLong value = types.enumerator(name);
            // From 6.10 to 6.11 an enum of page types has names that flags of a page had before: no flag's number is so
            // large.
            if (value.isPresent() && (!name.startsWith("PG_") || value.getAsLong() < Long.SIZE)) {
                put("NUMBER(" + name + ")", value);
            }
            if (name.equals("PG_private")) {
                headMask();
            }
        }
        for (String type : PAGE_TYPES) {
            put("NUMBER(PAGE_" + type.toUpperCase(Locale.ROOT) + "_MAPCOUNT_VALUE)", pageType(type));
        }
    }

    private void headMask() {
        OptionalLong head = types.enumerator("PG_head");
        OptionalLong bit = head.isPresent() ? head : types.enumerator("PG_compound");
        if (bit.isPresent() && bit.getAsLong() >= 0 && bit.getAsLong() < Long.SIZE) {
            line("NUMBER(PG_head_mask)", Long.toUnsignedString(1L << bit.getAsLong()));
        }
    }

    /// What page._mapcount has in a page of that type: told by an enum since 6.10, by macros before, which no debug
    /// information has.
    private OptionalLong pageType(String type) {
        OptionalLong top = types.enumerator("PGTY_" + type);
        if (top.isPresent()) {
            // Linux commit 4ffca5a96678 (in v6.12): the type is the top byte of 32 bits.
            return OptionalLong.of((top.getAsLong() << 56) >> 32);
        }
        OptionalLong bit = types.enumerator("PG_" + type);
        if (bit.isPresent() && bit.getAsLong() >= Long.SIZE) {
            return OptionalLong.of(~bit.getAsLong());
        }
        return macroOfPageType(type);
    }

    private OptionalLong macroOfPageType(String type) {
        if (types.offset("page", "page_type").isPresent()) {
            // Linux commit 6e292b9be7f4 (in v4.18): a type is a cleared bit of what is -1 without one.
            return switch (type) {
                case "buddy" -> OptionalLong.of(~0x80L);
                case "offline" -> release.atLeast(5, 1) ? OptionalLong.of(~0x100L) : OptionalLong.empty();
                case "hugetlb" -> release.atLeast(6, 9) ? OptionalLong.of(~0x800L) : OptionalLong.empty();
                default -> OptionalLong.empty();
            };
        }
        boolean mapcount = release.atLeast(2, 7) && !release.atLeast(4, 18);
        return type.equals("buddy") && mapcount && types.offset("page", "_mapcount").isPresent()
                ? OptionalLong.of(-128)
                : OptionalLong.empty();
    }

    private void put(String key, OptionalLong value) {
        if (value.isPresent()) {
            line(key, Long.toString(value.getAsLong()));
        }
    }

    private void line(String key, String value) {
        text.append(key).append('=').append(value).append('\n');
    }
}
