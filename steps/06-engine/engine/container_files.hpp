// The containers that there are: their folders, names and locks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Whoever changes a container, or starts or ends it, holds its lock. A record
/// lock: children do not inherit it, and it goes with its process. One that
/// waits for a program to end does not hold it.
class ContainerLock {
  public:
    /// Waits for it. Throws NotFound when the container has gone meanwhile.
    ContainerLock(const Engine& engine, const std::string& id);
    void unlock() { file_.reset(); }

  private:
    UniqueFd file_;
};

/// The ids of all containers, in no order.
std::vector<std::string> container_ids(const Engine& engine);

/// What people write: a name, an id, or the beginning of one. Throws NotFound
/// (with a suggestion) or, when several ids begin so, Conflict. A pause that
/// somebody has forgotten ends here: reading_pause.hpp.
std::string find_container(const Engine& engine, std::string_view text);

/// Throws NotFound when it has gone.
ContainerRecord read_container(const Engine& engine, const std::string& id);
/// While the lock is held: a changed record.
void write_container(const Engine& engine, const ContainerRecord& record);

/// [a-zA-Z0-9][a-zA-Z0-9_.-]+, or InvalidArgument.
void check_container_name(std::string_view name);
/// The name is the container's from here on. Throws Conflict when another one
/// has it.
void claim_name(const Engine& engine, const std::string& name,
                const std::string& id);
/// Nobody's any more; only if it is this container's.
void release_name(const Engine& engine, const std::string& name,
                  const std::string& id);
/// Whose it is; empty: nobody's.
std::optional<std::string> owner_of_name(const Engine& engine,
                                         const std::string& name);

/// A container's folder, to be read also when the container is removed
/// meanwhile
/// (--rm): while somebody keeps it, empty_trash() leaves it to him, who does it
/// at his end.
class KeptFolder {
  public:
    /// Throws NotFound. The engine must outlive it.
    KeptFolder(const Engine& engine, const std::string& id);
    KeptFolder(const KeptFolder&) = delete;
    KeptFolder& operator=(const KeptFolder&) = delete;
    ~KeptFolder();
    std::string path() const { return cat("/proc/self/fd/", folder_.get()); }

  private:
    const Engine& engine_;
    UniqueFd folder_;
};

/// A folder that is to go, moved out of sight at once; the time that removing
/// takes is then nobody's. empty_trash() does it, also for who was killed.
void move_to_trash(const Engine& engine, const std::string& folder);
void empty_trash(const Engine& engine);

}  // namespace slipway
