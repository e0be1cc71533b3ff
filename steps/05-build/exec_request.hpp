// What a RUN needs: everything that the process which starts the command is
// told. Plain values, so that they can be sent to another process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// Something that is there while the command runs, and not in the layer.
struct ExecMount {
    enum class Kind {
        Bind,     ///< `source` on the host
        Tree,     ///< the tree of `layers`, or `source` in it
        Scratch,  ///< the same; what is written to it is thrown away
        Tmpfs,    ///< `size` bytes at most; 0: the kernel's default
        File,     ///< `content`, in memory: secrets
    };
    Kind kind = Kind::Bind;
    std::string target;  ///< absolute, inside
    std::string source = {};
    std::vector<std::string> layers = {};  ///< folders, lowest first
    /// For Tree, Scratch and File: an empty folder of the host's that only this
    /// mount uses.
    std::string folder = {};
    bool read_only = false;
    std::uint64_t size = 0;
    std::string content = {};
    std::uint32_t mode = 0, uid = 0, gid = 0;  ///< of a File
};

enum class ExecNetwork {
    None,     ///< loopback only
    Host,     ///< the host's own
    Default,  ///< what containers get that ask for nothing: here, None
};

struct ExecRequest {
    /// The root: layers, lowest first, and where writes go (OverlayPlan).
    std::vector<std::string> layers;
    std::string upper, work;
    bool user_xattr = false;
    std::string place;  ///< an empty folder to mount it on, in a namespace

    std::vector<std::string> command;
    std::vector<std::string> environment;
    std::string user, workdir, hostname;
    ExecNetwork network = ExecNetwork::None;
    std::vector<ExecMount> mounts;
    std::optional<std::uint64_t> memory;  ///< bytes
    std::optional<std::uint64_t> pids;
};

std::string exec_request_text(const ExecRequest& request);
/// Throws InvalidArgument for what exec_request_text() did not write.
ExecRequest parse_exec_request(std::string_view text);

}  // namespace slipway
