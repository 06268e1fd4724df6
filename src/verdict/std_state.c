/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/std_state.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define MAX_TARGETS 12

#define PROTOCOL_MPTCP 262    /* IPPROTO_MPTCP, linux/in.h since 5.6 */
#define PIDFD_OF_CHILD 0x1000 /* CLONE_PIDFD, linux/sched.h since 5.2 */

struct std_state {
        struct str function;
        const char *files[MAX_TARGETS];       /* exact paths */
        const char *directories[MAX_TARGETS]; /* with their final slash */
        bool deep;                            /* their subdirectories, too */
        bool prefix;                          /* function is how the name begins */
        bool in_c;                            /* C code of the system's library, which std called, does it */
        bool (*allows)(const struct operation *operation, pid_t pid); /* what it does beside reading files */
};

/* Whether args[1] is a kind of socket, with or without the flags that std sets. */
static bool is_stream(const struct operation *operation) {
        return (operation->args[1] & ~(uint64_t) (SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_STREAM;
}

static bool is_internet(const struct operation *operation) {
        return operation->args[0] == AF_INET || operation->args[0] == AF_INET6;
}

/* Sockets that are closed again, and two of them bound to loopback, to a port that the kernel takes. */
static bool allows_probe(const struct operation *operation, pid_t pid) {
        (void) pid;
        const struct operation_target *target = &operation->targets[0];
        if (operation->number == SYS_socket)
                return is_internet(operation) && is_stream(operation) && operation->args[2] == IPPROTO_TCP;
        if (operation->number != SYS_bind || operation->n_targets != 1 || target->unreadable || target->cut)
                return false;
        struct str address = { target->text, target->len };
        return str_equal(address, STR("[::1]:0")) || str_equal(address, STR("[::ffff:127.0.0.1]:0"));
}

static bool allows_mptcp(const struct operation *operation, pid_t pid) {
        (void) pid;
        return operation->number == SYS_socket && is_internet(operation) && is_stream(operation) &&
               operation->args[2] == PROTOCOL_MPTCP;
}

/* A descriptor of the process itself, the signal 0 to it, and a child that ends at once (src/syscall, doCheckClonePidfd). */
static bool allows_pidfd(const struct operation *operation, pid_t pid) {
        switch (operation->number) {
        case SYS_pidfd_open: return operation->args[0] == (uint64_t) pid && operation->args[1] == 0;
        case SYS_pidfd_send_signal: return operation->args[1] == 0;
        case SYS_clone: return operation->args[0] == (CLONE_VFORK | CLONE_VM | PIDFD_OF_CHILD) && operation->args[1] == 0;
        default: return false;
        }
}

/*
 * Environment variables that move these targets (TZ with a path, ZONEINFO, SSL_CERT_FILE, SSL_CERT_DIR) are the attacker's to set,
 * so only the built-in places are here.
 */
static const struct std_state table[] = {
        {
                /* src/time/zoneinfo_unix.go, initLocal and platformZoneSources; called by localOnce */
                .function = { "time.initLocal", 14 },
                .files = { "/etc/localtime" },
                .directories = { "/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/usr/lib/locale/TZ/", "/etc/zoneinfo/" },
                .deep = true, /* Europe/Berlin */
        },
        {
                /* src/crypto/x509/root.go, initSystemRoots (once); root_linux.go, certFiles and certDirectories */
                .function = { "crypto/x509.initSystemRoots", 27 },
                .files = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                           "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
                           "/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts" },
                .directories = { "/etc/ssl/certs/", "/etc/pki/tls/certs/", "/system/etc/security/cacerts/" },
        },
        {
                /* src/net/dnsclient_unix.go, resolverConfig.init (once) and tryUpdate; dnsconfig_unix.go */
                .function = { "net.(*resolverConfig).init", 26 },
                .files = { "/etc/resolv.conf" },
        },
        {
                .function = { "net.(*resolverConfig).tryUpdate", 31 },
                .files = { "/etc/resolv.conf" },
        },
        {
                /* src/net/conf.go, systemConf and initConfVal (once) */
                .function = { "net.initConfVal", 15 },
                .files = { "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/mdns.allow" },
        },
        {
                /* src/net/nss.go, nsswitchConfig.init (once) and tryUpdate */
                .function = { "net.(*nsswitchConfig).init", 26 },
                .files = { "/etc/nsswitch.conf" },
        },
        {
                .function = { "net.(*nsswitchConfig).tryUpdate", 31 },
                .files = { "/etc/nsswitch.conf" },
        },
        {
                /* src/net/hosts.go, readHosts: cached for five seconds */
                .function = { "net.readHosts", 13 },
                .files = { "/etc/hosts" },
        },
        {
                /* src/net/port_unix.go, readServices (once) */
                .function = { "net.readServices", 16 },
                .files = { "/etc/services" },
        },
        {
                /* src/net/lookup_unix.go, readProtocols (once) */
                .function = { "net.readProtocols", 17 },
                .files = { "/etc/protocols" },
        },
        {
                /* the same since Go 1.25, in a closure that is made when the package is initialised: readProtocolsOnce */
                .function = { "net.init.func", 13 },
                .prefix = true,
                .files = { "/etc/protocols" },
        },
        {
                /* src/net/ipsock_posix.go, by ipStackCaps' once */
                .function = { "net.(*ipStackCapabilities).probe", 32 },
                .allows = allows_probe,
        },
        {
                /* src/net/mptcpsock_linux.go (once; since Go 1.21) */
                .function = { "net.initMPTCPavailable", 22 },
                .allows = allows_mptcp,
        },
        {
                /* src/os/pidfd_linux.go (once; since Go 1.23) */
                .function = { "os.checkPidfd", 13 },
                .allows = allows_pidfd,
        },
        {
                /* src/os/user/lookup_stubs.go, and with cgo cgo_lookup_unix.go, by Current's once; the C library looks it up */
                .function = { "os/user.current", 15 },
                .files = { "/etc/passwd", "/etc/nsswitch.conf" },
                .in_c = true,
        },
        {
                /*
                 * src/net/cgo_unix.go, cgoLookupHostIP and others: the C library reads its configuration once (glibc's
                 * resolv/res_hconf.c, sysdeps/posix/getaddrinfo.c). Until Go 1.19 by the other name.
                 */
                .function = { "net._C_getaddrinfo", 18 },
                .files = { "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf", "/etc/resolv.conf" },
                .in_c = true,
        },
        {
                .function = { "net._C2func_getaddrinfo", 23 },
                .files = { "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf", "/etc/resolv.conf" },
                .in_c = true,
        },
        {
                /* src/net/sock_linux.go, maxListenerBacklog, by listenerBacklog's once */
                .function = { "net.maxListenerBacklog", 22 },
                .files = { "/proc/sys/net/core/somaxconn" },
        },
        {
                /* src/mime/type_unix.go, initMimeUnix, by mime's once */
                .function = { "mime.initMimeUnix", 17 },
                .files = { "/usr/local/share/mime/globs2", "/usr/share/mime/globs2", "/etc/mime.types", "/etc/apache2/mime.types",
                           "/etc/apache/mime.types", "/etc/httpd/conf/mime.types" },
        },
};

const struct std_state *std_state_find(struct str function) {
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (table[i].prefix ? str_starts(function, table[i].function) : str_equal(function, table[i].function))
                        return &table[i];
        return NULL;
}

bool std_state_in_c(const struct std_state *entry) {
        return entry->in_c;
}

/* Whether every component of a relative path is a plain name. */
static bool is_plain(struct str path) {
        while (path.len > 0) {
                ptrdiff_t slash = str_index(path, '/');
                struct str component = slash < 0 ? path : str_head(path, (size_t) slash);
                if (component.len == 0 || str_equal(component, STR(".")) || str_equal(component, STR("..")))
                        return false;
                if (slash < 0)
                        return true;
                path = str_from_offset(path, (size_t) slash + 1);
        }
        return false;
}

static bool reads_file(const struct std_state *entry, const struct operation *operation) {
        if (operation->number != SYS_open && operation->number != SYS_openat)
                return false;
        if (operation->cls != JAIL_CLASS_FS_READ || operation->writes || operation->n_targets != 1)
                return false;
        const struct operation_target *target = &operation->targets[0];
        if (target->kind != OPERATION_TARGET_PATH || target->unreadable || target->cut)
                return false;

        struct str path = { target->text, target->len };
        for (size_t i = 0; i < MAX_TARGETS && entry->files[i]; i++)
                if (str_equal(path, str_from(entry->files[i])))
                        return true;
        for (size_t i = 0; i < MAX_TARGETS && entry->directories[i]; i++) {
                struct str directory = str_from(entry->directories[i]);
                if (!str_starts(path, directory))
                        continue;
                struct str below = str_from_offset(path, directory.len);
                if (below.len > 0 && below.ptr[0] == '/')
                        below = str_from_offset(below, 1); /* src/time/zoneinfo_read.go joins "…/zoneinfo/" and "/" and the name */
                if (is_plain(below) && (entry->deep || str_index(below, '/') < 0))
                        return true;
        }
        return false;
}

bool std_state_allows(const struct std_state *entry, const struct operation *operation, pid_t pid) {
        if (operation->foreign_entry)
                return false;
        return entry->allows ? entry->allows(operation, pid) : reads_file(entry, operation);
}
