"""Who uses the installation: users, workspaces, memberships, sessions."""
