/* SPDX-License-Identifier: Apache-2.0 */
#include "operation/target.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define ARGV_MAX_ARGUMENTS  32
#define ARGV_ARGUMENT_BYTES 256

static void set_unreadable(struct operation_target *target) {
        target->unreadable = true;
        target->len = 0;
        target->text[0] = '\0';
}

static void set_absent(struct operation_target *target) {
        target->absent = true;
        target->len = 0;
        target->text[0] = '\0';
}

void target_read_string(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr) {
        struct jail_error err;

        if (vaddr == 0) {
                set_absent(target);
                return;
        }
        if (memory_read_string(reader, vaddr, target->text, sizeof(target->text), &target->len, &target->cut, &err) < 0)
                set_unreadable(target);
}

/* Adds one argument, quoted; false when it does not fit as a whole. An argument that cannot be read is shown as its address. */
static bool add_argument(struct text *text, struct memory_reader *reader, uint64_t vaddr) {
        char raw[ARGV_ARGUMENT_BYTES], quoted[4 * sizeof(raw) + sizeof("\"\"...")];
        struct text piece;
        size_t len;
        bool cut;
        struct jail_error err;

        text_init(&piece, quoted, sizeof(quoted));
        if (memory_read_string(reader, vaddr, raw, sizeof(raw), &len, &cut, &err) < 0) {
                text_printf(&piece, "0x%llx", (unsigned long long) vaddr);
        } else {
                text_add(&piece, STR("\""));
                text_add_escaped(&piece, (struct str){ raw, len });
                text_add(&piece, cut ? STR("\"...") : STR("\""));
        }
        struct str separator = text->len > 0 ? STR(", ") : STR("");
        if (separator.len + piece.len > text->size - 1 - text->len)
                return false;
        text_add(text, separator);
        text_add(text, (struct str){ piece.ptr, piece.len });
        return true;
}

void target_read_argv(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr) {
        uint8_t vector[8 * (ARGV_MAX_ARGUMENTS + 1)];
        struct memory_range range = { .vaddr = vaddr, .buffer = vector, .len_bytes = sizeof(vector) };
        struct text text;
        struct jail_error err;
        uint64_t argument = 0;

        text_init(&text, target->text, sizeof(target->text));
        if (vaddr == 0) {
                set_absent(target);
                return;
        }
        if (reader->readv(reader, &range, 1, &err) < 0 || range.got_bytes < 8) {
                set_unreadable(target);
                return;
        }
        struct bytes got = { vector, range.got_bytes };
        for (size_t i = 0;; i++) {
                bool ended = !bytes_u64(got, 8 * i, &argument); /* off the mapping */
                if (!ended && argument == 0)
                        break;
                if (ended || i == ARGV_MAX_ARGUMENTS || !add_argument(&text, reader, argument)) {
                        target->cut = true;
                        break;
                }
        }
        target->len = text.len;
}

/* sun_path: a NUL-terminated path; an abstract name of exactly the given length behind a NUL; nothing for an unnamed socket. */
static void add_unix(struct text *text, struct bytes address) {
        struct bytes name = { 0 };

        text_add(text, STR("unix:"));
        if (!bytes_from(address, 2, &name) || name.len == 0)
                return;
        struct str raw = { (const char *) name.ptr, name.len };
        if (raw.ptr[0] == '\0') {
                text_add(text, STR("@"));
                text_add(text, str_from_offset(raw, 1));
                return;
        }
        ptrdiff_t end = str_index(raw, '\0');
        text_add(text, end >= 0 ? str_head(raw, (size_t) end) : raw);
}

/* The port is in network byte order. */
static bool get_port(struct bytes address, uint64_t offset, unsigned *ret_port) {
        uint8_t high, low;
        if (!bytes_u8(address, offset, &high) || !bytes_u8(address, offset + 1, &low))
                return false;
        *ret_port = (unsigned) high << 8 | low;
        return true;
}

static bool add_inet(struct text *text, struct bytes address) {
        struct bytes ip;
        unsigned port;
        char shown[INET_ADDRSTRLEN];

        if (!get_port(address, 2, &port) || !bytes_slice(address, 4, 4, &ip) || !inet_ntop(AF_INET, ip.ptr, shown, sizeof(shown)))
                return false;
        text_printf(text, "%s:%u", shown, port);
        return true;
}

static bool add_inet6(struct text *text, struct bytes address) {
        struct bytes ip;
        unsigned port;
        uint32_t scope = 0; /* older than RFC 2553, an address may end before it */
        char shown[INET6_ADDRSTRLEN];

        if (!get_port(address, 2, &port) || !bytes_slice(address, 8, 16, &ip) || !inet_ntop(AF_INET6, ip.ptr, shown, sizeof(shown)))
                return false;
        if (bytes_u32(address, 24, &scope) && scope != 0)
                text_printf(text, "[%s%%%u]:%u", shown, scope, port);
        else
                text_printf(text, "[%s]:%u", shown, port);
        return true;
}

/* What the kernel would refuse as too short is shown by its family alone. */
static void add_sockaddr(struct text *text, struct bytes address) {
        uint16_t family;
        uint32_t id;

        if (!bytes_u16(address, 0, &family)) {
                text_add(text, STR("empty address"));
                return;
        }
        switch (family) {
        case AF_UNSPEC: text_add(text, STR("unspecified")); return;
        case AF_UNIX: add_unix(text, address); return;
        case AF_INET:
                if (add_inet(text, address))
                        return;
                break;
        case AF_INET6:
                if (add_inet6(text, address))
                        return;
                break;
        case AF_NETLINK:
                if (bytes_u32(address, 4, &id)) {
                        text_printf(text, "netlink:%u", id);
                        return;
                }
                break;
        default: break;
        }
        text_printf(text, "family %u", family);
}

void target_read_sockaddr(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr, uint64_t len) {
        uint8_t raw[sizeof(struct sockaddr_storage)];
        int claimed = (int) len; /* as the kernel takes it */
        size_t len_bytes = claimed < 0 ? 0 : (size_t) claimed < sizeof(raw) ? (size_t) claimed : sizeof(raw);
        struct text text;
        struct jail_error err;

        text_init(&text, target->text, sizeof(target->text));
        if (vaddr == 0) {
                set_absent(target);
                return;
        }
        if (len_bytes > 0 && memory_read(reader, vaddr, raw, len_bytes, &err) < 0) {
                set_unreadable(target);
                return;
        }
        add_sockaddr(&text, (struct bytes){ raw, len_bytes });
        target->len = text.len;
}

void target_read_msghdr(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr) {
        uint8_t raw[16]; /* msg_name, msg_namelen: include/linux/socket.h struct user_msghdr, 64-bit */
        struct bytes header = { raw, sizeof(raw) };
        uint64_t name_vaddr;
        uint32_t name_len;
        struct jail_error err;

        if (memory_read(reader, vaddr, raw, sizeof(raw), &err) < 0 || !bytes_u64(header, 0, &name_vaddr) ||
            !bytes_u32(header, 8, &name_len)) {
                set_unreadable(target);
                return;
        }
        target_read_sockaddr(target, reader, name_vaddr, name_len);
}
