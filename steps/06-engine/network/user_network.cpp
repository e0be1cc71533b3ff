#include "06-engine/network/user_network.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "04-images/store_lock.hpp"
#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/leases.hpp"
#include "06-engine/network/network_store.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/process.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_complaint = 4096;

std::string mark_of(const NetworkStore& store) {
    return state_path(store, "user", "pasta");
}

// Held from the look for the namespace up to the look whether it is still
// needed. Taken before lock_state().
UniqueFd lock_user_network(const NetworkStore& store) {
    lock_state(store);  // makes the folders
    std::string path = state_path(store, "user") + "/lock";
    UniqueFd file(
        check(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open ",
              path));
    lock_file(file.get(), LOCK_EX, Wait::Yes, path);
    return file;
}

UniqueFd open_user_network(const NetworkStore& store) {
    pid_t pid = helper_process(mark_of(store));
    std::string path = cat("/proc/", pid, "/fd/", user_network_descriptor);
    return UniqueFd(
        check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open ", path));
}

void start_user_network(const NetworkStore& store,
                        const std::function<void(const std::string&)>& warn) {
    std::string complaint = state_path(store, "user") + "/complaint";
    run_helper(store,
               {.program = "slipway-pasta",
                .arguments = {mark_of(store), state_path(store, "user")}});
    std::string text = read_file(complaint, longest_complaint);
    if (!text.empty())
        warn(cat("containers cannot reach anything outside: ", text));
}

bool is_idle(const NetworkStore& store) {
    for (const std::string& name : names_in_state(store, "endpoints"))
        if (!read_leases(store, name).endpoints.empty()) return false;
    return true;
}

}  // namespace

std::vector<pid_t> network_helpers(const NetworkStore& store) {
    std::vector<std::string> marks = {mark_of(store)};
    for (const char* part : {"dns", "proxy"})
        for (const std::string& name : names_in_state(store, part))
            marks.push_back(state_path(store, part, name));
    std::vector<pid_t> helpers;
    for (const std::string& mark : marks)
        if (pid_t pid = helper_process(mark); pid > 0) helpers.push_back(pid);
    return helpers;
}

bool has_bridge_network(const NetworkStore& store) {
    return !store.of_user || helper_lives(mark_of(store));
}

//@ begin in-bridge-network
void in_bridge_network(const NetworkStore& store,
                       const std::function<void(const std::string&)>& warn,
                       const std::function<void()>& body) {
    if (!store.of_user) return body();
    UniqueFd lock = lock_user_network(store);
    if (!helper_lives(mark_of(store))) start_user_network(store, warn);
    ScopeGuard end([&] {
        if (is_idle(store)) stop_helper(mark_of(store));
    });
    UniqueFd space = open_user_network(store);
    // There is no way back to the host's network, so a child goes.
    start_child(Why{"into the network where the user's bridges are"}, [&] {
        act(Why{"what plays the host for the user's containers"}, "setns",
            ::setns, space, shown(CLONE_NEWNET, "CLONE_NEWNET"));
        body();
    }).wait();
}
//@ end in-bridge-network

void in_bridge_network_if_any(
    const NetworkStore& store,
    const std::function<void(const std::string&)>& warn,
    const std::function<void()>& body) {
    if (!has_bridge_network(store)) return body();
    in_bridge_network(store, warn, body);
}

}  // namespace slipway
