/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a program takes to get to its first instruction: in a copy of it, the code at the entry point is replaced with one that
 * writes what time it is, and ends. Nothing else of the copy differs, so that whoever looks at its size, its tables or its headers
 * finds the same.
 *
 *     first_instruction --copy PROG COPY      makes such a copy
 *     first_instruction COMMAND...            prints the microseconds from just before COMMAND is executed, which runs a copy
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const char first_code[], first_code_end[]; /* first_instruction_CPU.S */

static _Noreturn void fail(const char *what) {
        fprintf(stderr, "first_instruction: %s: %s\n", what,
                errno ? strerror(errno) : "it is not a program that this can be done to");
        exit(125);
}

/* Where the code at the entry point stands in the file. */
static size_t entry_offset(const char *file, size_t size, size_t code_bytes) {
        const Elf64_Ehdr *header = (const Elf64_Ehdr *) file;
        errno = 0;
        if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
            header->e_phoff > size || header->e_phnum > (size - header->e_phoff) / sizeof(Elf64_Phdr))
                fail("the program");
        const Elf64_Phdr *segments = (const Elf64_Phdr *) (file + header->e_phoff);
        for (size_t i = 0; i < header->e_phnum; i++) {
                uint64_t in_segment = header->e_entry - segments[i].p_vaddr, offset = segments[i].p_offset + in_segment;
                if (segments[i].p_type == PT_LOAD && in_segment < segments[i].p_filesz && offset <= size - code_bytes)
                        return offset;
        }
        fail("the program's entry point");
}

static void make_copy(const char *program, const char *copy) {
        struct stat st;
        int from = open(program, O_RDONLY | O_CLOEXEC), to = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
        if (from < 0 || to < 0 || fstat(from, &st) < 0)
                fail(from < 0 ? program : copy);
        size_t size = (size_t) st.st_size, code_bytes = (size_t) (first_code_end - first_code);
        char *file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, from, 0);
        if (file == MAP_FAILED)
                fail(program);
        memcpy(file + entry_offset(file, size, code_bytes), first_code, code_bytes);
        for (size_t done = 0; done < size;) {
                ssize_t n = write(to, file + done, size - done);
                if (n <= 0)
                        fail(copy);
                done += (size_t) n;
        }
}

static void read_time(int fd, struct timespec *ret_time) {
        errno = 0;
        if (read(fd, ret_time, sizeof(*ret_time)) != (ssize_t) sizeof(*ret_time))
                fail("the time");
}

static void measure(char **argv) {
        int fds[2], status;
        if (pipe2(fds, O_CLOEXEC) < 0)
                fail("pipe");
        pid_t pid = fork();
        if (pid == 0) {
                struct timespec now;
                dup2(fds[1], STDOUT_FILENO);
                clock_gettime(CLOCK_MONOTONIC, &now);
                if (write(STDOUT_FILENO, &now, sizeof(now)) != (ssize_t) sizeof(now))
                        fail("the time");
                execvp(argv[0], argv);
                fail(argv[0]);
        }
        struct timespec begin, end;
        close(fds[1]);
        read_time(fds[0], &begin);
        read_time(fds[0], &end);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                fail("the command");
        printf("%.1f\n", (double) (end.tv_sec - begin.tv_sec) * 1e6 + (double) (end.tv_nsec - begin.tv_nsec) / 1e3);
}

int main(int argc, char **argv) {
        if (argc == 4 && strcmp(argv[1], "--copy") == 0)
                make_copy(argv[2], argv[3]);
        else if (argc > 1 && argv[1][0] != '-')
                measure(argv + 1);
        else {
                fprintf(stderr, "usage: first_instruction --copy PROG COPY\n       first_instruction COMMAND...\n");
                return 125;
        }
        return 0;
}
