// SPDX-License-Identifier: Apache-2.0

// Package friend is a dependency with C code, which is not confined.
package friend

/*
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long secret(void) {
        char text[100];
        int fd = open("secret", O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
        if (fd >= 0)
                close(fd);
        return n > 0 && write(1, text, (size_t) n) == n ? 0 : -1;
}

static void *run(void *nothing) {
        (void) nothing;
        return secret() == 0 ? &run : NULL;
}

// A thread that C has made reads, and so does one that such a thread has made.
static void *begin(void *nothing) {
        pthread_t thread;
        void *result = nothing;
        if (pthread_create(&thread, NULL, run, NULL) != 0 || pthread_join(thread, &result) != 0)
                return NULL;
        return result;
}

static int in_threads(int depth) {
        pthread_t thread;
        void *result = NULL;
        if (pthread_create(&thread, NULL, depth > 1 ? begin : run, NULL) != 0 || pthread_join(thread, &result) != 0)
                return 0;
        return result != NULL;
}

void goSide(void);

static void *call_go(void *nothing) {
        goSide();
        return nothing;
}

static void in_go(void) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, call_go, NULL) == 0)
                pthread_join(thread, NULL);
}

// Each new mapping of code makes jail look at all code again.
static void map(void) {
        munmap(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
}

static void map_and_open(void) {
        for (;;) {
                map();
                close(open("config", O_RDONLY));
        }
}

static int map_and_read(void) {
        map();
        return secret() == 0;
}

static void end_thread(void) {
        syscall(SYS_exit, 0);
}

void friend_kernel(void);

static void *kernel(void) {
        return (void *) friend_kernel;
}
*/
import "C"

import (
	"fmt"
	"os"
)

// Say tells on standard output, which is open already.
//
//go:noinline
func Say(data []byte, err error) {
	fmt.Println(string(data), err)
}

// InThread reads in a thread of C's, InThreads in one that such a thread has made.
func InThread()  { say(C.in_threads(1)) }
func InThreads() { say(C.in_threads(2)) }

func say(good C.int) {
	if good == 0 {
		fmt.Println("operation not permitted")
	}
}

// MapAndOpen maps code and opens a file until it is killed.
func MapAndOpen() { C.map_and_open() }

// MapAndRead maps code and reads.
func MapAndRead() { say(C.map_and_read()) }

// EndThread ends the thread that runs it, of which Go does not learn.
func EndThread() { C.end_thread() }

// InGo has a thread of C's call Go, which reads itself and in a goroutine.
func InGo() { C.in_go() }

//export goSide
func goSide() {
	done := make(chan bool)
	go func() {
		_, err := os.ReadFile("secret")
		fmt.Println("goroutine:", err)
		close(done)
	}()
	<-done
	Say(os.ReadFile("secret"))
}

// Kernel is an instruction in C code: whoever looks for one in memory finds it without being told.
func Kernel() uintptr { return uintptr(C.kernel()) }
