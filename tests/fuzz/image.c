/* SPDX-License-Identifier: Apache-2.0 */
/* A whole ELF file: sections, build info, moduledata, .gopclntab, modules. */
#include "gobin/image.h"

#include "fuzz.h"
#include "gobin/module_set.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const char go_mod[] = "// gomodjail:confined\nmodule example.com/main\nreplace example.com/evil => ../evil\n";

static void use(const struct jail_image *image) {
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
