/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/std_state.h"

#include <fcntl.h>
#include <string.h>

#define MAX_TARGETS 12

struct std_state {
        struct str function;
        const char *files[MAX_TARGETS];       /* exact paths */
        const char *directories[MAX_TARGETS]; /* with their final slash */
};

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
                if (str_equal(function, table[i].function))
                        return &table[i];
        return NULL;
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

bool std_state_allows(const struct std_state *entry, const struct operation *operation) {
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
                if (is_plain(below))
                        return true;
        }
        return false;
}
