// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "diagnosis.h"
#include "base/rt.h"

#include <jack/types.h>

#include <stdio.h>
#include <string.h>

#define MAX_SUFFIX 3 // "-01", which the server adds to a name that is taken

/// The first row that fits counts: one of its bits is set, or libjack printed a
/// line with its words.
static const struct symptom {
    unsigned bits;
    const char *words; ///< or NULL; * is anything
    enum lat_status status;
    const char *text; ///< may have one %s: the client's name
} symptoms[] = {
    {0, "is too long to be used", LAT_EINVAL,
     "'%s' is too long for the name of a JACK client: take a shorter "
     "--jack-name"},
    {JackVersionError, "protocol mismatch", LAT_ESYSTEM,
     "the JACK server and libjack speak different versions of the protocol: "
     "restart the server, which may be older than your last upgrade"},
    {0, "Cannot read socket", LAT_ESYSTEM,
     "the JACK server went away while it was asked: start it again"},
    {JackNameNotUnique, "with another running client", LAT_EEXIST, NULL},
    {0, "Permission denied", LAT_ESYSTEM,
     "there is no access to the JACK server or to /dev/shm: run lattice as the "
     "user who started the server, or set JACK_PROMISCUOUS_SERVER for both"},
    {0, "No space left", LAT_ESYSTEM,
     "the shared memory in /dev/shm is full: make room there, then start the "
     "JACK server anew"},
    {JackShmFailure, "shm ", LAT_ESYSTEM,
     "the shared memory of the JACK server cannot be used: run lattice as the "
     "user who started the server, see that /dev/shm has room, and start the "
     "server anew"},
    {0, "Cannot open * client", LAT_ESYSTEM,
     "the JACK server takes no client '%s' more: jackd has room for about 250, "
     "those of all programs counted; end some of them"},
    {JackInvalidOption, NULL, LAT_ESYSTEM,
     "this libjack does not know an option of the client '%s': install libjack "
     "of the same version as the JACK server"},
    {JackNoSuchClient | JackLoadFailure | JackInitFailure, NULL, LAT_ESYSTEM,
     "the JACK server cannot make the client '%s': start the server anew"},
    {JackBackendError, NULL, LAT_ESYSTEM,
     "the JACK server's sound card does not work: look at what the server "
     "prints, and start it anew"},
    {JackClientZombie, NULL, LAT_ESYSTEM,
     "the JACK server has thrown the client '%s' out as too slow: start "
     "lattice again, with a longer period of the server or a higher priority "
     "('jackd -P 70 -d alsa -p 512')"},
};

#define MAX_LINE 400

/// Take the next line that is about the client: not what libjack says while it
/// tidies up, nor of the metadata, which it opens too and can do without.
static bool
next_line(const char **messages, char *line)
{
    while (*messages && **messages) {
        const size_t n = strcspn(*messages, "\n");
        char next[MAX_LINE];
        snprintf(next, sizeof(next), "%.*s", (int)n, *messages);
        *messages += n + ((*messages)[n] == '\n');
        if (n && !strstr(next, "Init not done") && !strstr(next, "DB ")) {
            memcpy(line, next, sizeof(next));
            return true;
        }
    }
    return false;
}

static bool
has_words(const char *line, const char *words)
{
    const size_t n = strcspn(words, "*");
    char head[80];
    snprintf(head, sizeof(head), "%.*s", (int)n, words);
    const char *at = strstr(line, head);
    return at && (!words[n] || strstr(at + n, words + n + 1));
}

static bool
fits(const struct symptom *s, const struct lat_jack_failure *f)
{
    const char *messages = f->messages;
    char line[MAX_LINE];
    bool is_said = false;
    while (s->words && !is_said && next_line(&messages, line)) {
        is_said = has_words(line, s->words);
    }
    return is_said || (f->status & s->bits);
}

static enum lat_status
say_taken(const struct lat_jack_failure *f, struct lat_error *error)
{
    return lat_error_set(error, LAT_EEXIST,
                         "a JACK client '%s' exists: stop it, or choose "
                         "another name%s",
                         f->name,
                         strlen(f->name) > 63 - MAX_SUFFIX
                             ? "; this one is too long to get a number"
                             : "");
}

/// What starts the server that was asked for?
static enum lat_status
say_no_server(const struct lat_jack_failure *f, struct lat_error *error)
{
    const char *server = f->server ? f->server : f->default_server;
    if (f->is_pipewire) {
        return lat_error_set(error, LAT_ESYSTEM,
                             "PipeWire is not running: start it, for instance "
                             "with 'systemctl --user start pipewire'");
    }
    if (!server || !*server || strcmp(server, "default") == 0) {
        return lat_error_set(
            error, LAT_ESYSTEM,
            "no JACK server is running: start one, for instance with 'jackd -d "
            "alsa' (qjackctl does it too), or on a PipeWire desktop start "
            "'pw-jack lattice'");
    }
    return lat_error_set(error, LAT_ESYSTEM,
                         "no JACK server '%.60s' is running: start it, for "
                         "instance with 'jackd -n %.60s -d alsa', or %s",
                         server, server,
                         f->server ? "leave out --jack-server"
                                   : "unset JACK_DEFAULT_SERVER");
}

enum lat_status
lat_jack_diagnose(const struct lat_jack_failure *f, struct lat_error *error)
{
    if (f->is_name_taken) {
        return say_taken(f, error);
    }
    for (size_t i = 0; i < LAT_COUNT(symptoms); ++i) {
        const struct symptom *s = &symptoms[i];
        if (fits(s, f)) {
            return s->text ? lat_error_set(error, s->status, s->text, f->name)
                           : say_taken(f, error);
        }
    }
    if (f->status & JackServerFailed) {
        return say_no_server(f, error);
    }
    const char *messages = f->messages;
    char words[MAX_LINE] = "";
    while (next_line(&messages, words)) {
    }
    return lat_error_set(error, LAT_ESYSTEM,
                         "the JACK server refuses the client '%s' (status "
                         "0x%x%s%.120s): start the server anew",
                         f->name, f->status, *words ? ", " : "", words);
}

enum lat_status
lat_jack_check_name(const char *name, uint32_t max_bytes,
                    struct lat_error *error)
{
    const size_t n = strlen(name);
    if (n > max_bytes) {
        return lat_error_set(
            error, LAT_EINVAL,
            "'%.40s…' has %zu bytes; the name of a JACK client "
            "has at most %u",
            name, n, max_bytes);
    }
    for (size_t i = 0; i < n; ++i) {
        const unsigned char c = (unsigned char)name[i];
        if (c == ':' || c < ' ' || c == 0x7f) {
            return lat_error_set(error, LAT_EINVAL,
                                 "'%s' cannot be the name of a JACK client: "
                                 "take one without %s",
                                 c == ':' ? name : "this",
                                 c == ':' ? "':'" : "control characters");
        }
    }
    return n ? LAT_OK
             : lat_error_set(error, LAT_EINVAL,
                             "the name of a JACK client cannot be empty");
}
