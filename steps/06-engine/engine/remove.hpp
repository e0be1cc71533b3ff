// Removing a container.
#pragma once

#include <string>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"

namespace slipway {

enum class RemoveVolumes { None, Anonymous };

/// With the lock held, of one that does not run: it is gone at once; its files
/// are in the trash.
void remove_ended(const Engine& engine, const ContainerRecord& record,
                  RemoveVolumes volumes);

/// rm. Throws Conflict for one that runs, unless `force`: then it is killed.
void remove_container(const Engine& engine, const std::string& id, bool force,
                      RemoveVolumes volumes);

/// What creators that were killed left: folders without a record.
void remove_unfinished(const Engine& engine);
/// The same of one; waits for a creator that lives. False: it has a record.
bool remove_if_unfinished(const Engine& engine, const std::string& id);

}  // namespace slipway
