// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Why a client could not be opened: what libjack says, and what we make of it.

#include "base/rt.h"
#include "jack/diagnosis.h"

#include <jack/types.h>

#include <criterion/criterion.h>

#include <string.h>

#define TIDY                                                                   \
 "JackShmReadWritePtr::~JackShmReadWritePtr - Init not done for -1, "          \
 "skipping unlock\n"
#define NO_SOCKET                                                              \
 "Cannot connect to server socket err = No such file or directory\n"           \
 "Cannot connect to server request channel\n"                                  \
 "jack server is not running or cannot be started\n"

struct scene {
    struct lat_jack_failure failure;
    enum lat_status status;
    const char *words[3]; ///< in the message
};

// What jackd 1.9.21 and PipeWire 0.3.65 were seen to do.
static const struct scene scenes[] = {
    {{.status = 0x11, .messages = NO_SOCKET TIDY},
     LAT_ESYSTEM,
     {"no JACK server is running", "'jackd -d alsa'"}},
    {{.status = 0x11, .messages = NO_SOCKET, .default_server = "default"},
     LAT_ESYSTEM,
     {"no JACK server is running"}},
    {{.status = 0x11, .messages = NO_SOCKET, .server = "nope"},
     LAT_ESYSTEM,
     {"no JACK server 'nope'", "'jackd -n nope -d alsa'", "--jack-server"}},
    {{.status = 0x11, .messages = NO_SOCKET, .default_server = "studio"},
     LAT_ESYSTEM,
     {"'jackd -n studio -d alsa'", "JACK_DEFAULT_SERVER"}},
    {{.status = 0x11, .is_pipewire = true},
     LAT_ESYSTEM,
     {"PipeWire is not running", "systemctl --user start pipewire"}},
    {{.status = 0x11,
      .messages = "Cannot open DB environment: Permission denied\n" NO_SOCKET},
     LAT_ESYSTEM,
     {"no JACK server is running"}},
    {{.status = 0x11,
      .messages = "Cannot connect to server socket err = Permission denied\n"},
     LAT_ESYSTEM,
     {"no access", "JACK_PROMISCUOUS_SERVER"}},
    {{.status = 0x21,
      .messages = "\"nnnn\" is too long to be used as a JACK client name.\n"
                  "Please use 63 characters or less\n" TIDY},
     LAT_EINVAL,
     {"too long", "--jack-name"}},
    {{.status = 0x21,
      .messages = "Client name = lead conflits with another running client\n"
                  "Cannot connect to the server\n" TIDY},
     LAT_EEXIST,
     {"a JACK client 'lead' exists", "another name"}},
    {{.status = 0x21, .is_name_taken = true},
     LAT_EEXIST,
     {"a JACK client 'lead' exists"}},
    {{.status = JackFailure | JackNameNotUnique},
     LAT_EEXIST,
     {"a JACK client 'lead' exists"}},
    {{.status = 0x21, .messages = "Cannot open lead client\n" TIDY},
     LAT_ESYSTEM,
     {"no client 'lead' more", "about 250", "end some"}},
    {{.status = 0x21,
      .messages = "Cannot open DB environment: Cannot allocate memory\n"
                  "Cannot open lead-01 client\n"},
     LAT_ESYSTEM,
     {"no client 'lead' more"}},
    {{.status = 0x21,
      .messages = "Cannot read socket fd = 7 err = Connection reset by peer\n"
                  "CheckRes error\n"
                  "Client name = a conflits with another running client\n"},
     LAT_ESYSTEM,
     {"went away", "start it again"}},
    {{.status = 0x21, .messages = "JACK protocol mismatch 9\n"},
     LAT_ESYSTEM,
     {"versions of the protocol", "restart the server"}},
    {{.status = JackFailure | JackVersionError},
     LAT_ESYSTEM,
     {"versions of the protocol"}},
    {{.status = JackFailure | JackShmFailure}, LAT_ESYSTEM, {"shared memory"}},
    {{.status = 0x21, .messages = "Cannot open shm segment (No space left)\n"},
     LAT_ESYSTEM,
     {"/dev/shm is full"}},
    {{.status = JackFailure | JackInvalidOption}, LAT_ESYSTEM, {"option"}},
    {{.status = JackFailure | JackInitFailure}, LAT_ESYSTEM, {"'lead'"}},
    {{.status = JackFailure | JackBackendError}, LAT_ESYSTEM, {"sound card"}},
    {{.status = JackFailure | JackClientZombie},
     LAT_ESYSTEM,
     {"too slow", "jackd -P 70"}},
    {{.status = 0x21, .messages = "The moon is full\n" TIDY},
     LAT_ESYSTEM,
     {"refuses the client 'lead'", "0x21", "The moon is full"}},
};

static struct lat_error
diagnose(const struct lat_jack_failure *seen)
{
    struct lat_jack_failure f = *seen;
    struct lat_error error;
    f.name = "lead";
    cr_assert_eq(lat_jack_diagnose(&f, &error), error.status);
    return error;
}

Test(diagnosis, knows_what_servers_do)
{
    for (unsigned i = 0; i < LAT_COUNT(scenes); ++i) {
        const struct scene *s = &scenes[i];
        const struct lat_error error = diagnose(&s->failure);
        cr_expect_eq(error.status, s->status, "%u: %s", i, error.text);
        for (unsigned k = 0; k < LAT_COUNT(s->words) && s->words[k]; ++k) {
            cr_expect(strstr(error.text, s->words[k]), "%u: no '%s' in: %s", i,
                      s->words[k], error.text);
        }
    }
}

Test(diagnosis, says_that_no_server_runs_of_no_other_failure)
{
    for (unsigned status = 0; status < 0x2000; ++status) {
        const struct lat_jack_failure f = {.status = status};
        const struct lat_error error = diagnose(&f);
        cr_assert_neq(error.status, LAT_OK);
        cr_assert(*error.text);
        cr_assert(!strstr(error.text, "is running") ||
                      (status & JackServerFailed),
                  "%x: %s", status, error.text);
    }
}

Test(diagnosis, says_that_a_long_name_gets_no_number)
{
    char name[64];
    memset(name, 'n', sizeof(name));
    const struct {
        size_t n;
        bool is_long;
    } rows[] = {{60, false}, {61, true}, {63, true}};
    for (unsigned i = 0; i < LAT_COUNT(rows); ++i) {
        name[rows[i].n] = '\0';
        struct lat_error error;
        const struct lat_jack_failure f = {
            .status = 0x21, .name = name, .is_name_taken = true};
        cr_assert_eq(lat_jack_diagnose(&f, &error), LAT_EEXIST);
        cr_assert_eq(strstr(error.text, "get a number") != NULL,
                     rows[i].is_long);
        name[rows[i].n] = 'n';
    }
}

Test(diagnosis, refuses_names_that_no_client_can_have)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"lattice", NULL},
        {"my synth", NULL},
        {"a/b(c", NULL},
        {"Größe", NULL},
        {"exactly ten", "11 bytes"},
        {"exactlyten", NULL},
        {"", "empty"},
        {"a:b", "':'"},
        {"a\nb", "control characters"},
        {"a\x7f", "control characters"},
    };
    for (unsigned i = 0; i < LAT_COUNT(rows); ++i) {
        struct lat_error error = {0};
        cr_expect_eq(lat_jack_check_name(rows[i].name, 10, &error),
                     rows[i].words ? LAT_EINVAL : LAT_OK, "%s", rows[i].name);
        cr_expect(!rows[i].words || strstr(error.text, rows[i].words), "%s",
                  error.text);
    }
}
