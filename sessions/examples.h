// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The sessions and the sounds that were installed with the program.
/// All functions are [control].
#ifndef LAT_SESSION_EXAMPLES_H
#define LAT_SESSION_EXAMPLES_H

/// Their folder, to free(); NULL when out of memory.  It is looked for beside
/// the program, for a tree that was moved, then where it was installed; it need
/// not be there.
char *
lat_examples_folder(void);

/// The same for the sample kit, which a build has in its folder, too.
char *
lat_samples_folder(void);

#endif // LAT_SESSION_EXAMPLES_H
