// slipway of an ordinary user: all its commands are in one user namespace.
//
//   user's shell      user namespace: root is the user, the other ids are those
//                     that /etc/subuid grants
//   slipway run -d ─▶   monitor ─ container ─ …
//   slipway exec ───▶   joins the same one, or it would have no rights there
//
// No process is there only to keep it: the first command makes it, and with the
// last monitor or command it goes. The next one makes a new one with the same
// ids, so that the files in the store mean the same.
#pragma once

#include <string>

namespace slipway {

/// Joins that namespace, or makes it, and has mounts of its own there. For the
/// superuser, or one who is root of a user namespace already, nothing is done.
///
/// `root` and `state` are as open_engine() takes them. Because inside the user
/// is root, whose places are others, both are in the environment afterwards
/// (SLIPWAY_ROOT, SLIPWAY_STATE). Throws Forbidden, with advice, where the
/// system lets no user make namespaces, and when somebody else has made the
/// folder of the state.
///
/// This process must have one thread, and stays known to others as being there
/// up to its end: also when it becomes another program.
void enter_user_namespace(const std::string& root, const std::string& state);

/// Whether this process's network namespace is beyond its user namespace's
/// rights: it is the host's, and we are not the host's root.
bool network_is_borrowed();

}  // namespace slipway
