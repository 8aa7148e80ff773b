// SPDX-License-Identifier: Apache-2.0
// Preloaded into a process, fails reads of the file EIO_FILE that touch [EIO_FROM, EIO_TO) with EIO, as a bad disk does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int bad(int fd, size_t count, off64_t offset) {
    const char *file = getenv("EIO_FILE"), *from = getenv("EIO_FROM"), *to = getenv("EIO_TO");
    char link[64], name[4096];
    if (!file || !from || !to || offset >= atoll(to) || offset + (off64_t)count <= atoll(from)) {
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) {
        return 0;
    }
    name[length] = 0;
    return strcmp(name, file) == 0;
}

ssize_t pread64(int fd, void *buffer, size_t count, off64_t offset) {
    static ssize_t (*next)(int, void *, size_t, off64_t);
    if (!next) {
        next = dlsym(RTLD_NEXT, "pread64");
    }
    if (bad(fd, count, offset)) {
        errno = EIO;
        return -1;
    }
    return next(fd, buffer, count, offset);
}

ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
    return pread64(fd, buffer, count, offset);
}
