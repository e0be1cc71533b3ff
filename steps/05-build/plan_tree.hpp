// The overlay in memory that a COPY is planned in: new entries above the root
// that is there already.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "05-build/layer_plan.hpp"
#include "05-build/source_tree.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct PlanNode {
    PlanEntry entry = {};  ///< its name is the path here, symlinks resolved
    /// A folder that is below and stays as it is: in the layer only if
    /// something in it is.
    bool is_carried = false;
    bool is_made = false;    ///< a folder on the way, that nobody described
    bool has_below = false;  ///< the root has a folder here as well
    bool replaces = false;   ///< what is below is of another kind: hidden
    /// Where it comes from, for its content and its xattrs.
    const SourceTree* tree = nullptr;
    std::string folder = {};  ///< its path in the tree; of a file: entry.bytes
    struct stat info = {};
    /// Files of the same number are one file with several names; 0: none.
    std::uint64_t shared = 0;
    std::map<std::string, std::unique_ptr<PlanNode>, std::less<>> children = {};

    bool is_folder() const { return S_ISDIR(entry.mode); }
    const std::string& source() const {
        return is_folder() ? folder : entry.bytes.path;
    }
};

/// What to do where a file meets a folder, or the other way round.
enum class OnConflict { Refuse, Replace };

class PlanTree {
  public:
    /// Borrows the root; -1: there is nothing below. `made` is what folders are
    /// like that nobody described.
    PlanTree(int below, const PlanEntry& made);

    PlanNode& root() { return root_; }

    /// The folder that a path leads to, symlinks followed; null when there is
    /// none.
    PlanNode* find_folder(const std::string& path);
    /// The same, and what is missing is made. Throws InvalidArgument when there
    /// is something else in the way.
    PlanNode& make_folder(const std::string& path);
    /// A folder that is described by `entry` if it has to be made.
    PlanNode& make_folder(const std::string& path, PlanNode&& described);

    /// Puts something that is no folder at a path: symlinks are followed, also
    /// the last one.
    PlanNode& put_at(const std::string& path, PlanNode&& node);
    /// The same in a folder; a symlink of that name is replaced.
    PlanNode& put(PlanNode& folder, const std::string& name, PlanNode&& node,
                  OnConflict conflict = OnConflict::Refuse);
    /// A folder in a folder, merged with what is there; it gets the new one's
    /// owner and mode if `describe`.
    PlanNode& put_folder(PlanNode& folder, const std::string& name,
                         PlanNode&& node, bool describe = true,
                         OnConflict conflict = OnConflict::Refuse);

    /// What has been put there, the last symlink not followed; null: nothing.
    PlanNode* find(const std::string& path);

    /// All of it, sorted. The tree is used up.
    std::vector<PlanEntry> take_entries();
    /// Each node that has been put, in any order.
    void for_each(const std::function<void(PlanNode&)>& visit);

  private:
    struct View {
        enum class Kind { Nothing, Folder, Symlink, Other };
        Kind kind = Kind::Nothing;
        PlanNode* node = nullptr;  ///< of a folder, and of what was put
        std::string target = {};   ///< of a symlink
    };
    enum class Missing { Make, Null };

    View view(PlanNode& folder, const std::string& name);
    View view_below(PlanNode& folder, const std::string& name);
    std::optional<struct stat> look_below(const PlanNode& folder,
                                          const std::string& name);
    int open_below(const PlanNode& folder);
    PlanNode* descend(const std::string& path, Missing missing);
    PlanNode& carry(PlanNode& folder, const std::string& name);
    PlanNode& place(PlanNode& folder, const std::string& name, PlanNode&& node);

    int below_;
    PlanEntry made_;
    PlanNode root_;
    std::string open_path_ = "/";  // of open_; no path begins so
    UniqueFd open_;
};

/// The xattrs of an open file or folder that a layer keeps: file capabilities,
/// and user.*.
std::map<std::string, std::string> layer_xattrs(int fd,
                                                const std::string& shown);

/// Hashes the files' contents, unless their tree's index knows them, and reads
/// the xattrs of files and folders.
void read_contents(PlanTree& tree, unsigned threads);

}  // namespace slipway
