// Making a container: from a bundle to a first process that waits, or runs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "06-engine/runtime/spec.hpp"
#include "06-engine/runtime/state.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

/// What all verbs need to know.
struct RuntimeContext {
    std::string root;  ///< folder of all containers, on a file system in memory
    /// What is no failure: for the log.
    std::function<void(const std::string&)> warn = [](const std::string&) {};
};

struct CreateOptions {
    std::string id;
    std::string bundle = ".";
    std::string pid_file = {};
    std::string console_socket = {};
    unsigned preserved_files = 0;
    bool pivot = true;
    bool new_keyring = true;
    /// The program runs at once: nobody needs to `start` it.
    bool start_now = false;
    /// config.json's text; empty: it is read from the bundle.
    std::string config = {};
    /// The root filesystem as a mount that hangs nowhere, borrowed, in place of
    /// root.path: the host never sees it. -1: none.
    int root = -1;
    /// Called in the parent when the namespaces are there and the child waits:
    /// for what is to be done in them from outside, such as its network.
    std::function<void(pid_t init)> in_namespaces = {};
    /// The first process is killed when its parent ends, however that ends.
    bool dies_with_parent = false;
};

/// A container that has been created. Its first process is our child still.
struct CreatedContainer {
    ContainerFolder folder;
    ContainerState state;
    Spec spec;
    ChildProcess init;
};

/// Makes it, and leaves nothing behind when that fails. `terminal` is the
/// socket that gets the outer end when config.json asks for a terminal, in
/// place of a console socket; -1: none. The child restores `signals`, if given.
CreatedContainer create_container(const RuntimeContext& context,
                                  const CreateOptions& options,
                                  int terminal = -1,
                                  const SignalForwarder* signals = nullptr);

}  // namespace slipway
