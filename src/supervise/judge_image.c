/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a run: which belong to the policy, and what is kept of them. */
#include "base/cleanup.h"
#include "gobin/elf_tls.h"
#include "supervise/judge_internal.h"
#include "supervise/packed_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A run of many programs of the policy (tests of packages, say) must not keep them all. */
#define MAX_IMAGES_KEPT 32

static void free_image(struct judged_image *image) {
        survey_cache_free(image->surveys);
        attribution_free(image->attribution);
        code_table_free(image->code);
        module_set_free(image->modules);
        jail_image_free(image->image);
        free(image);
}

void judge_free_images(struct judge *judge) {
        while (judge->images) {
                struct judged_image *image = judge->images;
                judge->images = image->next;
                free_image(image);
        }
}

static int64_t changed_ns(const struct stat *st) {
        return (int64_t) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

static struct file_key key_of(const struct stat *st) {
        return (struct file_key){
                .device = st->st_dev, .inode = st->st_ino, .size_bytes = st->st_size, .changed_ns = changed_ns(st)
        };
}

static bool same_file(const struct file_key *a, const struct file_key *b) {
        return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes && a->changed_ns == b->changed_ns;
}

static bool is_known_other(const struct judge *judge, const struct file_key *key) {
        for (size_t i = 0; i < JUDGE_REMEMBERED_OTHERS; i++)
                if (same_file(&judge->others[i], key))
                        return true;
        return false;
}

/* Whether a Go program is packed, or was: what is damaged must not pass for something else. */
static bool is_packed(const struct jail_image *image) {
        struct packed packed;
        bool found = false;
        int r = packed_find(&image->file, &found, &packed, NULL);
        return found || r < 0;
}

/* A program that starts the same tool a thousand times has it looked at once. */
static enum judged_kind keep_other(struct judge *judge, const struct file_key *key) {
        judge->others[judge->n_others++ % JUDGE_REMEMBERED_OTHERS] = *key;
        return JUDGED_OTHER;
}

/* A Go program of another main module. A packed one is looked at each time: its start is waited for (entry.h). */
static enum judged_kind other_go(struct judge *judge, const struct file_key *key, const struct jail_image *image) {
        judge->other_is_packed = is_packed(image);
        return judge->other_is_packed ? JUDGED_OTHER : keep_other(judge, key);
}

static struct judged_image *find_image(struct judge *judge, const struct file_key *key) {
        for (struct judged_image *image = judge->images; image; image = image->next)
                if (same_file(&image->key, key))
                        return image;
        return NULL;
}

/* How C code finds g: from the first access that runtime.asmcgocall makes, and not a wrapper of that name. */
static struct arch_tls_access find_tls(const struct jail_image *image) {
        struct arch_tls_access access = { .kind = ARCH_TLS_NONE };
        struct go_func func;
        for (uint32_t first = 0;
             access.kind == ARCH_TLS_NONE && pclntab_find_named(&image->tab, STR("runtime.asmcgocall"), first, &func);
             first = func.index + 1) {
                struct bytes code;
                if (!elf_file_at(&image->file, func.entry_vaddr, &code))
                        continue;
                (void) bytes_slice(code, 0, func.end_vaddr - func.entry_vaddr, &code);
                access = image->file.arch->find_tls_access(code, func.entry_vaddr);
                if (access.kind == ARCH_TLS_GOT && elf_tls_offset(&image->file, access.got_vaddr, &access.offset))
                        access.kind = ARCH_TLS_OFFSET;
        }
        return access;
}

static void cleanup_image(struct jail_image **image) {
        jail_image_free(*image);
}

/*
 * What is packed into it must be in force already: nobody else will see to it. For the program that has started this supervisor, it
 * is: so its policy need not be decoded once more.
 */
static int find_packed(const struct judge *judge, struct judged_image *image, bool first, const char *path,
                       struct jail_error *err) {
        struct jail_error why = { 0 };
        int r = packed_find(&image->image->file, &image->is_packed, &image->packed, &why);
        bool in_force = first && judge->start.packed && packed_policy_is(&image->packed, judge->start.packed);
        if (r == 0 && image->is_packed && !in_force)
                r = packed_policy_check(&image->packed, judge->policy, judge->options, &why);
        return r < 0 ? jail_error_set(err, why.code, 0, "%s: %s", path, why.msg) : 0;
}

/* Takes over what was begun, *begun. */
static int load_image(struct judge *judge, struct jail_image **begun, bool first, const char *path, struct judged_image **ret_image,
                      struct jail_error *err) {
        struct judged_image *image = calloc(1, sizeof(*image));
        if (!image)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        image->image = STEAL(*begun);
        int r = image_open_tables(image->image, err);
        if (r == 0) {
                effort_begin(&image->effort, EFFORT_PER_IMAGE);
                image->image->tab.effort = &image->effort;
        }
        if (r == 0)
                r = find_packed(judge, image, first, path, err);
        if (r == 0)
                r = module_set_new(image->image, judge->policy, &image->modules, err);
        if (r == 0)
                r = code_table_new(&image->image->tab, &image->code, err);
        if (r == 0)
                r = attribution_new(image->modules, image->code, &image->attribution, err);
        if (r == 0)
                r = survey_cache_new(&image->surveys, err);
        if (r < 0) {
                free_image(image);
                return r;
        }
        image->tls = find_tls(image->image);
        *ret_image = image;
        return 0;
}

/* The main module that the build info states must be the policy's, if it states one. */
static int check_main_module(const struct judge *judge, const struct build_info *info, const char *path, struct jail_error *err) {
        const char *wanted = jail_policy_main_module(judge->policy);
        if (*info->main.path == '\0' || strcmp(info->main.path, wanted) == 0)
                return 0;
        return jail_error_set(err, JAIL_EINVAL, 0, "%s is a program of module %s, but %s is that of module %s", path,
                              info->main.path, jail_policy_file(judge->policy), wanted);
}

/* The oldest one that nobody runs is let go of; it is read again when it is executed again. */
static void forget_one(struct judge *judge) {
        struct judged_image **oldest = NULL;
        for (struct judged_image **link = &judge->images; *link; link = &(*link)->next)
                if ((*link)->n_processes == 0)
                        oldest = link;
        if (!oldest)
                return;
        struct judged_image *image = *oldest;
        *oldest = image->next;
        judge->n_images--;
        free_image(image);
}

/* The key of the file that process pid runs, which need not be readable. */
static bool running_key(pid_t pid, struct file_key *ret_key) {
        char link[32];
        struct stat st;
        snprintf(link, sizeof(link), "/proc/%d/exe", pid);
        if (stat(link, &st) < 0)
                return false;
        *ret_key = key_of(&st);
        return true;
}

bool judge_knows_image(struct judge *judge, pid_t pid, bool or_other, struct judged_image **ret_image) {
        struct file_key key;
        judge->other_is_packed = false;
        *ret_image = NULL;
        if (!running_key(pid, &key))
                return false;
        *ret_image = find_image(judge, &key);
        return *ret_image || (or_other && is_known_other(judge, &key));
}

bool judge_knows_file(struct judge *judge, const char *path) {
        struct stat st;
        if (stat(path, &st) < 0)
                return false;
        const struct file_key key = key_of(&st);
        return is_known_other(judge, &key) || find_image(judge, &key);
}

/* What opening it has mapped goes, too. */
static bool map_sparsely(struct judge *judge) {
        struct judged_image *image = judge->images;
        while (image && image->sparse)
                image = image->next;
        if (!image)
                return false;
        if (elf_file_map_sparsely(&image->image->file, &image->sparse_bytes))
                return true;
        pclntab_release(&image->image->tab);
        image->sparse = true;
        return true;
}

static bool prepare_image(struct judge *judge) {
        struct judged_image *image = judge->images;
        while (image && image->prepared)
                image = image->next;
        if (!image)
                return false;
        effort_begin(&image->effort, EFFORT_PER_STOP);
        if (pclntab_populate(&image->image->tab, &image->populated))
                return true;
        image->prepared = !attribution_prepare(image->attribution);
        if (image->prepared) /* now, rather than while a stop waits for it */
                pclntab_release_all(&image->image->tab);
        return true;
}

bool judge_prepare(struct judge *judge, struct judge_process *process, bool at_leisure) {
        if (map_sparsely(judge))
                return true;
        if (!at_leisure)
                return false;
        bool more = prepare_image(judge);
        if (!process || !process->image || process->text.prepared)
                return more;
        text_map_prepare(&process->text);
        return true;
}

void judge_rename_image(struct judged_image *image, pid_t pid) {
        (void) running_key(pid, &image->key);
}

static enum judged_kind keep(struct judge *judge, const struct file_key *key, struct judged_image *image,
                             struct judged_image **ret_image) {
        if (judge->n_images >= MAX_IMAGES_KEPT)
                forget_one(judge);
        judge->n_images++;
        image->key = *key;
        image->next = judge->images;
        judge->images = image;
        *ret_image = image;
        return JUDGED_OF_POLICY;
}

enum judged_kind judge_open_image(struct judge *judge, int fd, const char *path, bool first, struct judged_image **ret_image,
                                  struct jail_error *err) {
        struct stat st;
        CLEANUP(cleanup_image) struct jail_image *begun = NULL;
        *ret_image = NULL;
        judge->other_is_packed = false;
        if (fstat(fd, &st) < 0) {
                (void) jail_error_set(err, JAIL_ESYS, errno, "%s", path);
                return JUDGED_REFUSED;
        }
        const struct file_key key = key_of(&st);
        if ((*ret_image = find_image(judge, &key)) != NULL)
                return JUDGED_OF_POLICY;
        if (!first && is_known_other(judge, &key))
                return JUDGED_OTHER;

        int r = image_begin_fd(fd, path, &begun, err);
        if (r < 0) {
                /* What the Go linker made and what cannot be read is refused; anything that is no Go program is not ours. */
                if (first)
                        return JUDGED_REFUSED;
                return r == JAIL_ENOTFOUND || r == JAIL_EUNSUPPORTED ? keep_other(judge, &key) : JUDGED_REFUSED;
        }
        bool states_main = *begun->build.main.path != '\0';
        r = check_main_module(judge, &begun->build, path, err);
        if (r < 0)
                return first ? JUDGED_REFUSED : other_go(judge, &key, begun);

        struct judged_image *image = NULL;
        r = load_image(judge, &begun, first, path, &image, err);
        if (r < 0)
                return JUDGED_REFUSED;
        if (!first && !states_main && !module_set_belongs(image->modules)) {
                enum judged_kind kind = other_go(judge, &key, image->image);
                free_image(image);
                return kind;
        }
        return keep(judge, &key, image, ret_image);
}
