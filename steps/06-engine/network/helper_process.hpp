// Programs of ours that serve networks: found beside us, started, asked for,
// stopped.
//
// One that goes on in the background has a mark, a file in which it holds a
// record lock (fcntl(2)) as long as it lives: so whether it lives, and which
// process it is, is asked of the kernel and never of a number that was written
// down. A child does not inherit such a lock.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "06-engine/network/network_config.hpp"

namespace slipway {

struct HelperPlan {
    std::string program;  ///< "slipway-dns"
    std::vector<std::string> arguments = {};
    std::string input = {};       ///< what it reads as its standard input
    std::vector<int> files = {};  ///< are its descriptors 3, 4, …
};

/// Starts it and waits until it ends, or goes to the background as the function
/// below does. Throws what it printed to its standard error, with its name.
void run_helper(const NetworkStore& store, const HelperPlan& plan);

/// In the program: leaves caller, session and standard error, and goes on, from
/// now to its end with the mark. The first process ends with status 0.
void go_to_background(const std::string& mark);

bool helper_lives(const std::string& mark);
/// Its process; 0: it does not live.
pid_t helper_process(const std::string& mark);
/// Kills it, waits for its end, and removes the mark. None is fine.
void stop_helper(const std::string& mark);

/// In the program, when all is open: gives up root for nobody (65534), who has
/// no capabilities.
void become_nobody();

}  // namespace slipway
