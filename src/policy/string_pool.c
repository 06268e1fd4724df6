/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/string_pool.h"

#include <stdint.h>
#include <stdlib.h>

#define STRING_POOL_CHUNK_BYTES ((size_t) 16 << 10)

struct string_pool_chunk {
        struct string_pool_chunk *next;
        size_t used_bytes;
        size_t size_bytes;
        char bytes[];
};

static struct string_pool_chunk *string_pool_grow(struct string_pool *pool, size_t need_bytes) {
        size_t size_bytes = need_bytes < STRING_POOL_CHUNK_BYTES ? STRING_POOL_CHUNK_BYTES : need_bytes;
        if (size_bytes > SIZE_MAX - sizeof(struct string_pool_chunk))
                return NULL;
        struct string_pool_chunk *chunk = malloc(sizeof(*chunk) + size_bytes);
        if (!chunk)
                return NULL;
        *chunk = (struct string_pool_chunk){ .next = pool->chunks, .size_bytes = size_bytes };
        pool->chunks = chunk;
        return chunk;
}

int string_pool_add(struct string_pool *pool, struct str s, const char **ret_string, struct jail_error *err) {
        struct string_pool_chunk *chunk = pool->chunks;
        if (!chunk || chunk->size_bytes - chunk->used_bytes <= s.len)
                chunk = s.len < SIZE_MAX ? string_pool_grow(pool, s.len + 1) : NULL;
        if (!chunk)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");

        char *copy = chunk->bytes + chunk->used_bytes;
        if (s.len > 0)
                memcpy(copy, s.ptr, s.len);
        copy[s.len] = '\0';
        chunk->used_bytes += s.len + 1;
        *ret_string = copy;
        return 0;
}

void string_pool_free(struct string_pool *pool) {
        while (pool->chunks) {
                struct string_pool_chunk *chunk = pool->chunks;
                pool->chunks = chunk->next;
                free(chunk);
        }
}
