/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel's debug information is made of, in a few lines: see GoldenFiles for the lines that compile it. */
#define USED __attribute__((used))

enum pageflags { PG_locked, PG_lru = 4, PG_slab = 9, PG_swapcache, PG_private = 13, PG_head = 16, PG_swapbacked = 19,
    PG_hwpoison = 23 };
enum zone_stat_item { NR_FREE_PAGES, NR_OTHER };
enum node_states { N_POSSIBLE, N_ONLINE };
enum compound_dtor_id { NULL_COMPOUND_DTOR, COMPOUND_PAGE_DTOR, HUGETLB_PAGE_DTOR };

struct list_head { struct list_head *next, *prev; };
typedef struct { unsigned long bits[16]; } nodemask_t;
typedef struct { long counter; } atomic64_t;
typedef atomic64_t atomic_long_t;
struct zone; /* a mere declaration */

struct page {
    unsigned long flags;
    union {
        struct {
            struct list_head lru;
            void *mapping;
            unsigned long index;
            unsigned long private;
        };
        struct {
            unsigned long compound_head;
            unsigned char compound_dtor;
            unsigned char compound_order;
        };
    };
    union {
        int _mapcount;
        unsigned int page_type;
    };
    int _refcount;
    void *pad;
};
struct mem_section { unsigned long section_mem_map; void *usage; };
struct free_area { const struct list_head free_list[5]; unsigned long nr_free; };
typedef struct free_area areas_t[11];
struct zone { unsigned long spanned_pages; volatile areas_t free_area; atomic_long_t vm_stat[3]; };
struct pglist_data { struct zone node_zones[5]; int nr_zones; unsigned long node_start_pfn, node_spanned_pages;
    int node_id; };
struct new_utsname { char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65]; };
struct uts_namespace { int count; struct new_utsname name; };

USED struct uts_namespace init_uts_ns = { 2, { "Linux", "(none)", "6.1.0-tiny", "#1", "x86_64", "(none)" } };
USED struct mem_section **mem_section;
USED struct pglist_data *node_data[64];
USED nodemask_t node_states[2];
USED unsigned long empty_zero_page[512];
USED unsigned long init_top_pgt[512];
USED struct page *some_page;
USED enum pageflags flag;
USED enum zone_stat_item item;
USED enum node_states state;
USED enum compound_dtor_id dtor;
static USED int local_one;

USED int _stext(int x)
{
    struct list_head { int not_this_one; } local = { x };
    return local.not_this_one + local_one;
}
