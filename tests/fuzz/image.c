/* SPDX-License-Identifier: Apache-2.0 */
/* A whole ELF file: sections, build info, moduledata, .gopclntab, thread-local storage, modules, and the witnesses of its
 * functions. */
#include "gobin/image.h"

#include "fuzz.h"
#include "gobin/elf_tls.h"
#include "gobin/module_set.h"
#include "unwind/code.h"
#include "verdict/attribution.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const char go_mod[] = "// gomodjail:confined\nmodule example.com/main\nreplace example.com/evil => ../evil\n";

/* What the first stop of an image asks of it. */
static void attribute(struct jail_image *image, struct module_set *set) {
        struct code_table *code = NULL;
        struct attribution *attribution = NULL;
        struct effort effort;
        image->tab.effort = &effort;
        if (code_table_new(&image->tab, &code, NULL) < 0 || attribution_new(set, code, &attribution, NULL) < 0)
                abort();
        for (uint32_t i = 0; i < image->tab.n_functions && i < 64; i++) {
                struct go_func func;
                effort_begin(&effort, 1u << 20);
                if (!pclntab_function(&image->tab, i, &func))
                        continue;
                for (uint64_t at = 0; at < 64; at += 21) {
                        const struct code_point *point = code_table_find(code, func.entry_vaddr + at, at % 2);
                        if (point && !attribution_find(attribution, point) && !attribution_is_spent(attribution))
                                abort();
                }
        }
        (void) attribution_confined_cgo(attribution);
        attribution_free(attribution);
        code_table_free(code);
        image->tab.effort = NULL;
}

static void use(struct jail_image *image) {
        int64_t offset;
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        struct jail_policy *policy = NULL;
        struct module_set *set = NULL;
        if (jail_policy_parse(go_mod, sizeof(go_mod) - 1, "/x/go.mod", NULL, 0, &policy, NULL) < 0 ||
            module_set_new(image, policy, &set, NULL) < 0)
                abort();
        for (uint32_t i = 0; i < image->tab.n_functions && i < 256; i++) {
                struct go_func func;
                int32_t delta;
                if (!pclntab_function(&image->tab, i, &func))
                        continue;
                (void) pclntab_spdelta(&image->tab, &func, func.entry_vaddr + 8, &delta);
                int n = pclntab_expand(&image->tab, &func, func.entry_vaddr + 8, frames, PCLNTAB_MAX_INLINE_DEPTH);
                for (int k = 0; k < n; k++) {
                        module_id id = module_set_by_symbol(set, frames[k].name);
                        if (module_set_by_file(set, frames[k].file, &id, NULL) < 0)
                                abort();
                }
        }
        (void) elf_tls_offset(&image->file, image->tab.text_vaddr, &offset);
        attribute(image, set);
        (void) module_set_confines(set);
        (void) module_set_belongs(set);
        module_set_free(set);
        jail_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct jail_image *image = NULL;
        int fd = memfd_create("image", MFD_CLOEXEC);
        if (fd < 0 || write(fd, data, size) != (ssize_t) size)
                abort();
        if (image_open_fd(fd, "prog", &image, NULL) == 0)
                use(image);
        jail_image_free(image);
        close(fd);
        return 0;
}
