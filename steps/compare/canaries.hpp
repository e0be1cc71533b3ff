// Canaries: things of the host that a container should not reach. Each holds a
// secret that no plan names, so that whoever shows it has been there; some
// notice that they were touched.
#pragma once

#include <poll.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/process.hpp"
#include "common/unique_fd.hpp"

namespace slipway::compare {

/// Random, for names that nobody else has.
std::string random_name();

/// What lies on the host by name, and would stay after us.
struct Names {
    std::string nonce;

    std::string host() const { return "canary-" + nonce; }
    std::string new_host() const { return "changed-" + nonce; }
    std::string mount() const { return "slipway-canary-" + nonce; }
    std::string mount_inside() const { return "slipway-inside-" + nonce; }
    std::string process() const { return "slipway-canary-" + nonce; }
    std::string queue() const { return "/slipway-" + nonce; }
    std::string shared_file() const { return "slipway-" + nonce; }
    std::string socket() const { return "slipway-" + nonce; }
    std::string key() const { return "slipway-" + nonce; }
};

/// Takes away what is left of them by name. Nothing there is fine.
void remove_names(const Names& names);

class Canaries {
  public:
    /// Plants them. `folder` is for files, empty and ours; `probe` the program
    /// that is the process to be hunted. The caller is in mount and uts
    /// namespaces of its own: a mount and the host's name are canaries, too.
    Canaries(Names names, const std::string& folder, const std::string& probe);
    Canaries(const Canaries&) = delete;
    Canaries& operator=(const Canaries&) = delete;
    ~Canaries();

    const std::string& secret() const { return secret_; }
    /// NAME=VALUE words for the probe.
    const std::vector<std::string>& plan() const { return plan_; }
    /// An open folder of the host, with a file "secret" in it.
    int leaked_folder() const { return leaked_.get(); }

    /// The one that is hunted, and who holds what can be used up.
    std::vector<pid_t> processes() const {
        return {process_->pid(), hoarder_->pid()};
    }

    /// To be polled while a subject runs; then take_events() is called.
    void add_to(std::vector<pollfd>& list) const;
    void take_events(std::set<std::string>& traces);
    /// After a subject: what can be seen to have changed, put back.
    void look_round(std::set<std::string>& traces);

  private:
    void plant_files(const std::string& folder);
    void plant_process(const std::string& probe);
    void plant_hoarder(const std::string& probe);
    void plant_ipc();
    void plant_network();
    void plant_names();
    void describe_machine();
    void plan(const std::string& name, const std::string& value);

    Names names_;
    std::string secret_;
    std::vector<std::string> plan_;
    UniqueFd leaked_, queue_, abstract_, loopback_, outside_;
    UniqueFd process_said_, process_input_;
    std::optional<ChildProcess> process_, hoarder_;
    int memory_ = -1;
    void* attached_ = nullptr;
};

}  // namespace slipway::compare
