// Package access tells who sends a request: which member of the staff, or whether a
// customer is the member that they say.
//
// Start at [StaffAuth] in staff.go, the staff's tokens and the sessions of their browsers;
// [MemberAuth] is its counterpart for members. answercache.go keeps the staff working
// while the database is away, failedsignins.go writes wrong tokens into the audit log.
package access
