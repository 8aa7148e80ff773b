// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

/// The kdump-compressed format, header version 6, as a grammar; "block" is a page of the crashed machine.
///
/// ```
/// file        = main-header sub-header notes pad bitmap1 bitmap2 descriptors data
/// main-header = one block: struct disk_dump_header, rest zero
/// sub-header  = at block 1: struct kdump_sub_header, in sub_hdr_size blocks together with the notes
/// notes       = the vmcore's PT_NOTE contents, unmodified; the VMCOREINFO text is pointed to inside them
/// bitmap1     = a bit a pfn, least significant first: the page exists in the crashed machine
/// bitmap2     = a bit a pfn: the page has a descriptor; a subset of bitmap1
/// descriptors = 24 bytes for each bit set in bitmap2, by pfn
/// data        = the pages, each alone, anywhere behind, any of them shared by several descriptors
/// ```
///
/// Structures have the byte order and the alignment of the crashed machine, and nothing says which those are. Here are
/// the offsets of 64-bit machines; those of 32-bit machines differ from the timestamp on.
public final class KdumpFormat {
    /// First bytes of a file.
    public static final String SIGNATURE = "KDUMP   ";
    /// First bytes of the format's predecessor.
    static final String OLD_SIGNATURE = "DISKDUMP";
    /// The version we write.
    public static final int HEADER_VERSION = 6;
    /// Bytes in the main header.
    public static final int MAIN_HEADER_BYTES = 464;
    /// Bytes in the sub header of [#HEADER_VERSION].
    public static final int SUB_HEADER_BYTES = 104;
    /// Bytes in a page descriptor, on every machine.
    public static final int DESCRIPTOR_BYTES = 24;
    /// Offset of the status in the main header: what is patched last.
    public static final int STATUS_OFFSET = 424;
    /// Bytes in struct new_utsname.
    public static final int UTSNAME_BYTES = 6 * 65;
    /// Smallest block that readers accept.
    public static final int MIN_BLOCK_BYTES = 4096;
    /// Largest block that readers accept.
    public static final int MAX_BLOCK_BYTES = 262144;
    /// Bytes from a file's start that hold both headers for any block size.
    public static final int HEADERS_BYTES = MAX_BLOCK_BYTES + SUB_HEADER_BYTES;

    private KdumpFormat() {}
}
