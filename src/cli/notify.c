// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "notify.h"
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/// @return the length of the address, or 0 if @p name is none.
static socklen_t
address_of(const char *name, struct sockaddr_un *out)
{
    const size_t length = strlen(name);
    const bool is_path = name[0] == '/';
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    // A path has a NUL behind it; an abstract name begins with one instead.
    if ((!is_path && name[0] != '@') || length < 2 ||
        length + is_path > sizeof(out->sun_path)) {
        return 0;
    }
    memcpy(out->sun_path, name, length);
    if (!is_path) {
        out->sun_path[0] = '\0';
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
                       is_path);
}

void
lat_notify(const char *state)
{
    const char *const name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    if (!name || *name == '\0') {
        return;
    }
    const socklen_t length = address_of(name, &address);
    const int fd = length ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0) {
        lat_log(LAT_LOG_DEBUG, "NOTIFY_SOCKET '%s' is no socket", name);
        return;
    }
    const struct timeval most = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
               (const struct sockaddr *)&address, length) < 0) {
        lat_log(LAT_LOG_DEBUG, "NOTIFY_SOCKET '%s': %s", name, strerror(errno));
    }
    close(fd);
}
