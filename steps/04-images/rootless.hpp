// Without root: images in a user namespace of their own.
//
// Layers hold files of many users, so an ordinary user needs as many ids: root
// inside is the user outside, the others are the subordinate ids that the
// system grants. There, marks of the overlay are user.overlay.* instead of
// trusted.overlay.*, which the host's root alone may write.
#pragma once

#include <functional>

#include "02-namespaces/id_map.hpp"
#include "common/program.hpp"

namespace slipway {

/// The verb, done by a child in such a namespace when this process is an
/// ordinary user's: the same program with the same command line (`argv`), which
/// finds itself to be root. Signals are passed on to it.
Verb rootless(Verb verb, char** argv);

}  // namespace slipway
