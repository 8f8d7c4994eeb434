// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
allowed_mask(cpu_set_t *set)
{
    CPU_ZERO(set);
    if (sched_getaffinity(0, sizeof(*set), set)) {
        CPU_SET(0, set);
    }
}

// The lowest allowed processor that shares the core of @p cpu.
static uint32_t
first_sibling(uint32_t cpu, const cpu_set_t *allowed)
{
    char path[96];
    snprintf(path, sizeof(path),
             "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
             cpu);
    FILE *f = fopen(path, "re");
    char text[128] = "";
    if (f) {
        if (!fgets(text, sizeof(text), f)) {
            text[0] = '\0';
        }
        fclose(f);
    }
    char *at = text;
    while (*at >= '0' && *at <= '9') {
        const unsigned long low = strtoul(at, &at, 10);
        unsigned long high = low;
        if (*at == '-') {
            high = strtoul(at + 1, &at, 10);
        }
        for (unsigned long i = low; i <= high && i < CPU_SETSIZE; ++i) {
            if (CPU_ISSET(i, allowed)) {
                return (uint32_t)i;
            }
        }
        at += *at == ',';
    }
    return cpu;
}

void
lat_cpus_allowed(struct lat_cpus *out)
{
    cpu_set_t allowed;
    allowed_mask(&allowed);
    out->n = 0;
    for (int siblings = 0; siblings < 2; ++siblings) {
        for (uint32_t i = 0; i < CPU_SETSIZE && out->n < LAT_MAX_CPUS; ++i) {
            if (CPU_ISSET(i, &allowed) &&
                (first_sibling(i, &allowed) != i) == siblings) {
                out->cpu[out->n++] = (uint16_t)i;
            }
        }
        if (!siblings) {
            out->n_cores = out->n;
        }
    }
}

static bool
add_cpu(struct lat_cpus *out, const cpu_set_t *allowed, unsigned long cpu)
{
    for (uint32_t i = 0; i < out->n; ++i) {
        if (out->cpu[i] == cpu) {
            return false;
        }
    }
    if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, allowed)) {
        return false;
    }
    out->cpu[out->n++] = (uint16_t)cpu;
    return true;
}

enum lat_status
lat_cpus_parse(const char *text, struct lat_cpus *out, struct lat_error *error)
{
    cpu_set_t allowed;
    allowed_mask(&allowed);
    struct lat_cpus cpus = {0};
    const char *at = text;
    bool is_right = *at;
    while (is_right && *at) {
        char *end = NULL;
        const unsigned long low = strtoul(at, &end, 10);
        unsigned long high = low;
        is_right = end != at && *at >= '0' && *at <= '9';
        if (is_right && *end == '-') {
            at = end + 1;
            high = strtoul(at, &end, 10);
            is_right = end != at && high >= low && high < CPU_SETSIZE;
        }
        for (unsigned long i = low; is_right && i <= high; ++i) {
            is_right = add_cpu(&cpus, &allowed, i);
        }
        at = end;
        if (is_right && *at == ',') {
            ++at;
            is_right = *at;
        } else if (*at) {
            is_right = false;
        }
    }
    if (!is_right) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%.60s' is no list of allowed processors; say "
                             "them like 0,2-3",
                             text);
    }
    cpus.n_cores = cpus.n;
    *out = cpus;
    return LAT_OK;
}

enum lat_status
lat_cpu_pin_self(uint32_t cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof(set), &set)
               ? LAT_ESYSTEM
               : LAT_OK;
}
