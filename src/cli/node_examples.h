// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A short session for each node type, in which it is heard: the files of
/// sessions/nodes/, as they were when the program was built.
#ifndef LAT_CLI_NODE_EXAMPLES_H
#define LAT_CLI_NODE_EXAMPLES_H

/// The text of the session of a type, or NULL where it has none.  [any]
const char *
lat_node_example(const char *type);

#endif // LAT_CLI_NODE_EXAMPLES_H
