#include "06-engine/runtime/seccomp_listener.hpp"

#include <nlohmann/json.hpp>

#include "06-engine/terminal/console.hpp"
#include "common/error.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

void send_listener(const SeccompFilter& filter, UniqueFd listener,
                   const ContainerState& state) {
    nlohmann::ordered_json object = {
        {"ociVersion", state.oci_version},
        {"fds", {"seccompFd"}},
        {"pid", state.init.pid},
        {"metadata", filter.listener_metadata},
        {"state", nlohmann::ordered_json::parse(
                      state_json(state, ContainerStatus::Creating, false))}};
    std::vector<UniqueFd> files;
    files.push_back(std::move(listener));
    with_context("linux.seccomp.listenerPath", [&] {
        UniqueFd socket = connect_unix_socket(filter.listener_path);
        send_message(socket.get(), object.dump(), files);
    });
}

}  // namespace slipway
