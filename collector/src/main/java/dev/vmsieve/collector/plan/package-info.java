// SPDX-License-Identifier: Apache-2.0
/// What is to be written and how: the caller's wishes, and the kept pages cut into batches. Start at
/// [dev.vmsieve.collector.plan.CollectPlan].
@NullMarked
package dev.vmsieve.collector.plan;

import org.jspecify.annotations.NullMarked;
