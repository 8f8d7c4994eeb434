// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "standard_files.h"
#include "base/log.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
lat_open_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

int
lat_finish_output(int exit_code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_code == LAT_EXIT_DONE) {
        lat_log(LAT_LOG_ERROR, "cannot write to standard output: %s",
                strerror(errno));
        exit_code = LAT_EXIT_SYSTEM;
    }
    return exit_code;
}
