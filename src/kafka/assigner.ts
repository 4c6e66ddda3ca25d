import { PartitionAssigners, type PartitionAssigner } from 'kafkajs'

/**
 * kafkajs' round robin, which also tells when this member is about to send JoinGroup: kafkajs asks the assigner for its protocol right
 * before, and has no event for it on every path (seen in 2.2.4: UNKNOWN_MEMBER_ID and stale metadata rejoin without REBALANCING).
 */
export function announcingAssigner(aboutToJoin: () => void): PartitionAssigner {
  return config => {
    const assigner = PartitionAssigners.roundRobin(config)
    return {
      ...assigner,
      protocol: subscription => {
        aboutToJoin()
        return assigner.protocol(subscription)
      },
    }
  }
}
