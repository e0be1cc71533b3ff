// Where subjects find what they start from: a root filesystem with the probe in
// it, and the same as an image, a bundle, a Dockerfile.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "compare/ordinary_user.hpp"
#include "compare/subjects.hpp"

namespace slipway::compare {

/// A tenth of a processor is felt; a whole one does not slow a start down.
enum class Purpose { Rows, Timing };

/// A command that a subject comes to, and its environment.
struct Command {
    std::vector<std::string> words, environment;
    std::vector<Cover> covers = {};
    unsigned user = 0;
    std::chrono::seconds patience{30};
    std::string folder = {};  ///< where it is started; empty: where we are
    std::vector<std::string> groups = {};  ///< that it is put in
};

class Workplace {
  public:
    /// Runs a command to its end; returns its output. Throws what it said when
    /// it failed.
    using Runner = std::function<std::string(const Command& command)>;

    /// `folder` is empty and ours; `bin` is where the programs are; `probe` a
    /// file to be used as the probe; `kernel` for a machine, or empty.
    Workplace(std::string folder, std::string bin, const std::string& probe,
              std::string nonce, std::string kernel, Runner run);
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;
    ~Workplace() = default;

    std::string probe() const { return folder_ + "/probe"; }
    std::string rootfs() const { return rootfs_of(folder_); }
    static std::string rootfs_of(const std::string& folder) {
        return folder + "/rootfs";
    }
    /// Where the probe leaves its mark, when there is no container.
    std::string host_image() const { return folder_ + "/host"; }

    /// The name of the image that is given to daemons.
    static std::string image_of(const std::string& nonce) {
        return "slipway-compare-" + nonce;
    }
    /// What the names begin with that containers, and their groups, have in
    /// other engines.
    static std::string group_of(const std::string& nonce) {
        return "slipway-compare-" + nonce;
    }
    /// Where our engine notes what runs.
    static std::string state_of(const std::string& folder) {
        return folder + "/state";
    }
    /// A file that is there when Docker's was given one: in it is where the
    /// daemon listens, or nothing for its usual place.
    static std::string docker_note(const std::string& folder) {
        return folder + "/docker";
    }

    /// Makes what the subject starts from, when it is the first that needs it.
    /// Throws when that fails, or its program is not installed.
    void make_ready(const Subject& subject);
    /// The same, and what starts the probe with these words below the subject.
    Command prepare(const Subject& subject,
                    const std::vector<std::string>& probe_words,
                    Purpose purpose);
    /// What builds the folder context(), from the image base().
    Command prepare_build(const Subject& subject);
    std::string context() const { return folder_ + "/build"; }
    std::string base(Ground ground) const {
        return ground == Ground::Podman ? "localhost/" + image() : "probe";
    }
    /// Where layers are kept.
    std::string layers(Ground ground) const {
        return folder_ + (ground == Ground::Podman ? "/podman" : "/store");
    }
    /// After a start: did the image change? Cleans the root filesystem, of
    /// mounts, too.
    bool take_mark(const Subject& subject);

  private:
    void make_rootfs();
    void need(Ground ground);
    std::string write_bundle(const Subject& subject,
                             const std::vector<std::string>& probe_words,
                             Purpose purpose);
    void write_initrd(const std::vector<std::string>& probe_words);
    void write_dockerfile(const std::vector<std::string>& probe_words);
    std::string fill(std::string word, const Subject& subject,
                     const std::string& bundle, Purpose purpose) const;
    std::vector<Cover> covers_for(const Subject& subject) const;
    std::vector<std::string> environment(Ground ground) const;
    std::string image() const { return image_of(nonce_); }

    std::string folder_, bin_, nonce_, kernel_;
    Runner run_;
    std::set<Ground> made_;
    std::set<std::string> specs_;
    std::vector<std::string> groups_;  ///< of the ordinary user
    int starts_ = 0;
};

}  // namespace slipway::compare
